#!/usr/bin/env zx
import { defaultPort, keeping, portOption, titles, up } from '../localstack/lifecycle.mjs';
import { cli, json, port, UsageError } from './lib/cli.mjs';

const kinds = /** @type {const} */ (['docker', 'embedded', 'ministack']);

await cli(
  {
    usage:
      'npx zx scripts/up.mjs [--docker | --embedded | --ministack] [--memory] [--port PORT] [--no-worker] [--json]',
    about:
      'Brings up a mock of AWS on this machine: LocalStack where a Docker daemon answers, else the embedded ' +
      'emulator; or MiniStack, which has CloudFormation and runs Lambda functions without Docker.',
    options: {
      docker: { type: 'boolean', help: 'LocalStack in Docker, or fail' },
      embedded: { type: 'boolean', help: 'the embedded emulator, in the background' },
      ministack: { type: 'boolean', help: 'MiniStack, in a Python environment of its own (.venv-ministack)' },
      python: {
        type: 'string',
        value: 'PYTHON',
        help: "the Python to make MiniStack's environment with (default: python3), 3.10 or newer",
      },
      memory: { type: 'boolean', help: 'the embedded emulator, or MiniStack, keeps nothing on disk' },
      'no-worker': {
        type: 'boolean',
        help: 'do not start the worker that takes messages from the queues of the embedded emulator',
      },
      port: { ...port, default: defaultPort },
      json,
    },
    resume: 'Start it again: npx zx scripts/up.mjs',
  },
  async ({ values, signal }) => {
    const [mode = 'auto', other] = kinds.filter((kind) => values[kind]);
    if (other) throw new UsageError(`--${mode} and --${other} exclude each other`);
    if (values.docker && values.memory) throw new UsageError('--docker and --memory exclude each other');
    if (values.python && !values.ministack) throw new UsageError('--python goes with --ministack');
    const { kind, endpoint, started, why, worker, contains } = await up({
      mode,
      memory: values.memory,
      python: values.python,
      port: values.port,
      worker: !values['no-worker'],
      log: values.json ? console.error : console.log,
      signal,
    });
    if (values.json)
      return console.log(
        JSON.stringify({ kind, endpoint, started, worker: Boolean(worker), ...(contains && contentsOf(contains)) }),
      );
    const elsewhere = values.port === defaultPort ? '' : `AWS_ENDPOINT_URL=${endpoint} `;
    console.log(`${started ? 'Up' : 'Already up'}: ${titles[kind]} at ${endpoint}${started ? ` (${why})` : ''}`);
    if (contains) console.log(keeping(contains));
    if (worker) console.log('A worker takes what is sent to the queues (query.mjs --queue).');
    if (kind === 'ministack')
      console.log('Queues: npx zx scripts/deploy.mjs makes them with Lambda functions, which MiniStack runs.');
    if (kind === 'docker')
      console.log(
        'Queues: npx zx scripts/deploy.mjs makes them with Lambda functions, npx zx scripts/worker.mjs with ' +
          'a worker here.',
      );
    const next = contains?.products ? "query.mjs --where '{}' --explain" : 'seed.mjs';
    console.log(`Next: ${elsewhere}npx zx scripts/${next}`);
    console.log(`Stop: npx zx scripts/down.mjs${portOption(values.port)}`);
  },
);

/** @param {import('../localstack/lifecycle.mjs').Contents} contents */
const contentsOf = ({ state, products, datasets }) => ({ state, products, datasets });
