// MiniStack as a process of this machine: a mock of AWS that has CloudFormation, and runs the functions themselves.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError } from '../dist/quick.js';
import { file, programs } from './places.mjs';
import { commandOf } from './processes.mjs';

const program = path.join(import.meta.dirname, 'run_ministack.py');
const requirements = path.join(import.meta.dirname, 'requirements.txt');
const services = 'cloudformation,cloudwatch,dynamodb,iam,kms,lambda,logs,s3,sns,sqs,sts';

/**
 * Starts MiniStack at 127.0.0.1:`port`, in a Python environment of the kit's own, which is made where it is missing.
 * It goes on when the caller ends. True once it is ready, false where it ends instead.
 *
 * @param {{
 *   port: number,
 *   state: string,
 *   memory: boolean,
 *   python?: string | undefined,
 *   log: (line: string) => void,
 *   signal?: AbortSignal | undefined,
 *   ready: () => Promise<unknown>,
 * }} options `state` is the folder for its data, `python` the Python that a person named, `ready` whether it answers.
 * @throws {PipelineError} `python.missing`, `python.venv`, `python.pip`, `mock.stateFolder`
 */
export async function startMiniStack({ port, state, memory, python, log, signal, ready }) {
  // Loaded only here: it brings zx.
  const { pythonEnvironment } = await import('../scripts/lib/python.mjs');
  const bin = await pythonEnvironment('.venv-ministack', {
    requirements,
    python,
    of: 'MiniStack',
    program: 'MiniStack',
    command: 'npx zx scripts/up.mjs --ministack',
    time: 'half a minute',
    log,
    signal,
  });
  makeFolder(state);
  const output = openSync(file(port, programs.ministack.log), 'w');
  const child = spawn(path.join(bin, 'python'), [program, '--port', String(port), '--state', state], {
    cwd: state,
    env: environment({ port, state, memory }),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise((resolve, reject) => child.once('exit', () => resolve(true)).once('error', reject));
  try {
    for (let over = false; ; ) {
      const [answers, holder] = [await ready(), holderOf(state)];
      if (answers && holder === child.pid) break;
      // Another one has been quicker: it answers in this one's place, or will.
      if (over && (answers || commandOf(holder) === '')) return false;
      if (over) await sleep(100, undefined, { signal });
      else over = await Promise.race([ended, sleep(100, false, { signal })]);
    }
    writeFileSync(file(port, programs.ministack.pid), String(child.pid));
    return true;
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    child.unref();
  }
}

/** @param {string} state */
function makeFolder(state) {
  try {
    mkdirSync(state, { recursive: true });
    closeSync(openSync(path.join(state, 'scratch'), 'a'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PipelineError(
      'mock.stateFolder',
      `MiniStack's state cannot be in ${state} (${reason}). Repair that, or keep it elsewhere (ML_PIPELINE_STATE).`,
      { value: state, cause: error },
    );
  }
}

/** The process that has the state, as it has written; run_ministack.py says how. @param {string} state */
const holderOf = (state) => Number.parseInt(readFileSync(path.join(state, 'scratch'), 'utf8'), 10);

/**
 * Nothing of this process but the PATH: the functions have all that MiniStack has, and are to see, as on AWS, neither
 * credentials nor settings of the person. They run on the `node` that is first on the PATH: this one.
 *
 * @param {{ port: number, state: string, memory: boolean }} options
 */
const environment = ({ port, state, memory }) => ({
  PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  LANG: 'C.UTF-8',
  ...(process.env.ML_PIPELINE_MOCK_HOSTS && { ML_PIPELINE_MOCK_HOSTS: process.env.ML_PIPELINE_MOCK_HOSTS }),
  BIND_HOST: '127.0.0.1',
  GATEWAY_PORT: String(port),
  SERVICES: services,
  LAMBDA_EXECUTOR: 'local',
  // Servers of its own for other protocols.
  IOT_MTLS_ENABLED: '0',
  SFTP_ENABLED: '0',
  ...(!memory && {
    PERSIST_STATE: '1',
    STATE_DIR: path.join(state, 'state'),
    S3_PERSIST: '1',
    S3_DATA_DIR: path.join(state, 's3'),
  }),
});
