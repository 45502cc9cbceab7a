import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatNames } from '../../src/dataset/index.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { errorLine, type Outcome, run, runEach } from './script.js';

let server: TestServer;
let env: Record<string, string>;
beforeAll(async () => {
  server = await testServer();
  env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('table'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
});
afterAll(() => server.close());

describe('a wrong value is one line that names it and says what would do; exit status 1', () => {
  const cases: readonly (readonly [string[], string, string])[] = [
    [['--query', '9'], "no query '9'", '1 maleShoesFrom2012'],
    [['--query', 'maleShoesFrom2013'], "no query 'maleShoesFrom2013'", "Did you mean 'maleShoesFrom2012'?"],
    [['--where', '{"gendre":"Men"}'], "no field 'gendre'", "Did you mean 'gender'?"],
    [['--where', '{"year":{"gtt":2012}}'], "no operator 'gtt'", "Did you mean 'gt'?"],
    [['--where', '{"year":"2012"}'], `'year' is "2012"`, 'a number, without quotes'],
    [['--where', '{"year":{"gt":"abc"}}'], `'gt' of 'year' is "abc"`, 'a number, without quotes'],
    [['--where', '[]'], 'The condition is []', 'an object such as'],
  ];
  let outcomes: Outcome[];
  beforeAll(async () => {
    const withTo = (args: string[]) => [...args, ...(args[0] === '--where' ? ['--to', 'somewhere'] : [])];
    outcomes = await runEach(
      cases.map(([args]) => ['query', withTo(args)]),
      env,
    );
  });
  test.each(cases.map((each, i) => [i, ...each] as const))('%i: query %s', (i, _, value, remedy) => {
    const outcome = outcomes[i] ?? { status: null, stdout: '', stderr: '' };
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    const error = errorLine(outcome);
    expect(error).toContain(value);
    expect(error).toContain(remedy);
  });

  test('query --to a folder where nothing can be exported to', async () => {
    const folders = ['images/mine', '../mine'];
    const outcomes = await runEach(
      folders.map((folder) => ['query', ['--where', '{}', '--to', folder]]),
      env,
    );
    expect(outcomes.map(({ status }) => status)).toEqual([1, 1]);
    for (const [i, folder] of folders.entries())
      expect(outcomes[i]?.stderr).toContain(`error: '${folder}' cannot be an export's folder`);
  });
});

const toWrite = ['--folder', 'x', '--format', 'parquet', '--to', 'y'];

test.each<[string, string[], string, string]>([
  ['describe', ['--table', 'Shpo'], "no table 'Shpo'", 'AWS_REGION'],
  ['describe', ['--table', 'a b'], "cannot be called 'a b'", '3 to 255 letters'],
  ['query', ['--where', '{}', '--explain', '--schema', 'gone.json'], 'gone.json', 'It should look like'],
])('%s %j is one line, too', async (script, args, value, remedy) => {
  const outcome = await run(script, args, env);
  expect(outcome).toMatchObject({ status: 1, stdout: '' });
  expect(errorLine(outcome)).toContain(value);
  expect(errorLine(outcome)).toContain(remedy);
});

describe('wrong usage says what is wrong and how it goes; exit status 2', () => {
  const cases: readonly (readonly [string, string[], string])[] = [
    ['query', [], 'give either --query or --where'],
    ['query', ['--query', '1', '--where', '{}'], 'give either --query or --where'],
    ['query', ['--where', '{}'], '--to FOLDER'],
    ['query', ['--where', '{gender:1}', '--to', 'x'], '--where is not JSON'],
    ['query', ['--query', '-1'], "'--query' argument is ambiguous"],
    ['query', ['--querry', '1'], "Unknown option '--querry'"],
    ['query', ['1'], "Unexpected argument '1'"],
    [
      'query',
      ['--query', '1', '--format', 'xml'],
      `'xml'; it can be ${formatNames.slice(0, -1).join(', ')} or ${formatNames.at(-1)}`,
    ],
    ['write', [], 'give --folder, --format and --to'],
    ['write', ['--format', 'zip'], "--format is 'zip'; it can be folder, huggingface, classes, parquet"],
    ['write', [...toWrite, '--seed', '1'], '--seed goes with --split'],
    ['write', [...toWrite, '--split', '0.8,x'], "--split has 'x'; give shares such as 0.8,0.1,0.1"],
    ['write', [...toWrite, '--split', '0.4,0.2,0.2,0.2'], '--split has 4 shares; name them'],
    ['write', [...toWrite, '--split', 'a=0.5,a=0.5'], '--split has two sides of one name'],
    ['write', [...toWrite, '--shard-mb', '0'], "--shard-mb is '0'; give a whole number of at least 1"],
    ['seed', ['--dataset', ''], '--dataset is empty'],
    ['seed', ['--dataset'], "'--dataset <value>' argument missing"],
    ['seed', ['--from', 'http://127.0.0.1:1/x.zip'], 'give --download, too'],
    ['seed', ['--sample', '--dataset', 'x'], '--sample excludes'],
    ['seed', ['--strict'], '--strict is for a data set; give --dataset DIR'],
    ['query', ['--where', '{}', '--explain', '--schema', ''], '--schema is empty'],
    ['describe', ['--table', ''], '--table is empty'],
    ['describe', ['Shop'], "Unexpected argument 'Shop'"],
    ['seed', ['--rows', 's3://b/rows.csv'], '--rows is for a data set; give --dataset DIR'],
    ['estimate', ['--set', 'latencies=1'], "Did you mean 'latency'?"],
    ['estimate', ['--set', 'latency=0'], 'give a number above 0'],
    ['train-head', ['--dataset', 'x'], '--attribute COLUMN is missing'],
    ['train-head', ['--attribute', 'x'], 'give either --folder FOLDER or --dataset DIR'],
    [
      'train-head',
      ['--attribute', 'x', '--dataset', 'y', '--min-images', '0'],
      "--min-images is '0'; give a whole number of at least 1",
    ],
    ['demo', ['--data', 'x'], "Unknown option '--data'"],
    ['demo', ['x'], "Unexpected argument 'x'"],
    ['query', ['--where', '{}', '--to', ''], '--to is empty'],
    ['query', ['--query', '1', '--detach'], '--detach goes with --queue'],
    ['query', ['--query', '1', '--predictions-name', 'mine'], '--predictions-name goes with a query that infers'],
    ['query', ['--query', '1', '--explain', '--queue'], '--explain and --queue exclude each other'],
    ['seed', ['--encoding', ''], '--encoding is empty'],
    ['estimate', ['--images', ''], "--images has ''; give whole numbers from 1"],
    ['estimate', ['--set', 'latency=abc'], 'give NAME=VALUE'],
    ['estimate', ['--markdown', '--json'], '--markdown and --json exclude each other'],
    ['bench', ['--dataset', ''], '--dataset is empty'],
    ['bench', ['--dataset', 'x', '--rounds', '0'], "--rounds is '0'; give a whole number of at least 1"],
    ['deploy', ['--kms-key', 'x'], "--kms-key is 'x'; give something like arn:aws:kms:"],
    ['deploy', ['--kms-key', 'arn:aws:kms:eu-west-1:1:alias/a'], 'give something like arn:aws:kms:'],
    ['deploy', ['--alarm-topic', 'alarms'], "--alarm-topic is 'alarms'; give something like arn:aws:sns:"],
    ['train', ['--dataset', 'x', '--seed', '1.5'], "--seed is '1.5'; give a whole number of at least 0"],
    ['predict', [''], 'An argument is empty'],
    ['predict', ['x', 'y'], "Unexpected argument 'y'"],
    ['curate', ['suspects', 'x', 'y'], "Unexpected argument 'y'"],
    ['correct', [], 'give a file of corrections, or --list, --undo ID or --check'],
    ['correct', ['--repair'], '--repair goes with --check'],
    ['correct', ['nowhere.json'], 'There is no file nowhere.json'],
    ['jobs', ['nonsense'], "there is no 'nonsense'; it can be list, show"],
    ['jobs', ['list', 'x'], 'list takes no id'],
    ['jobs', ['show', 'x', 'y'], "Unexpected argument 'y'"],
    ['datasets', ['nonsense'], "there is no 'nonsense'; it can be list, copy, remove, verify"],
    ['datasets', ['copy', 'x'], 'copy needs TO'],
    ['datasets', ['list', 'x'], "list takes no 'x'"],
    ['datasets', ['list', '--force'], '--force goes with remove'],
    ['datasets', ['verify', 'x', '--rebuild', 'some'], "--rebuild is 'some'; give a whole number, or all"],
    ['diff', [], 'The folder of a data set is missing'],
    ['worker', ['--tasks', 'nonsense'], "--tasks has 'nonsense'; it can be copy, augment or infer"],
    ['up', ['--docker', '--embedded'], '--docker and --embedded exclude each other'],
    ['down', ['--port', '0'], "--port is '0'; give a whole number from 1 to 65535"],
    ['deploy', ['--stack', ''], '--stack is empty'],
    ['lab', ['--folder', '/nonsense'], 'no such folder'],
    ['kernel', ['x'], "Unexpected argument 'x'"],
    ['notebooks-html', ['missing.ipynb'], "There is no notebook 'missing.ipynb'"],
    ['tfjs-node', ['--wheel'], "'--wheel <value>' argument missing"],
  ];
  let outcomes: Outcome[];
  beforeAll(async () => {
    outcomes = await runEach(
      cases.map(([script, args]) => [script, args]),
      env,
    );
  });
  test.each(cases.map((each, i) => [i, ...each] as const))('%i: %s %j', (i, _script, _args, says) => {
    const { status, stdout, stderr } = outcomes[i] ?? { status: null, stdout: '', stderr: '' };
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\nusage: [^\n]+\n$/);
    expect(stderr).toContain(says);
  });
});

test('--help lists every option, on stdout', async () => {
  const { status, stdout, stderr } = await run('query', ['--help'], env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const option of [
    '--query N',
    '--where JSON',
    '--to FOLDER',
    `--format ${formatNames.join('|')}`,
    '--explain',
    '--json',
    '--aws',
    '--debug',
    '--help',
  ])
    expect(stdout).toContain(option);
});

test('--debug shows the stack', async () => {
  const { status, stderr } = await run('query', ['--query', '9', '--debug'], env);
  expect(status).toBe(1);
  expect(stderr).toMatch(/no query '9'[^\n]*\n +at .+/);
});

describe('what is missing on AWS', () => {
  test('a bucket is named, with the way to make one', async () => {
    const outcome = await run('query', ['--query', '1', '--json'], env);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    const error = errorLine(outcome);
    expect(error).toContain(`The bucket ${env.ML_PIPELINE_BUCKET} does not exist at ${server.endpoint}.`);
    expect(error).toContain('npx zx scripts/seed.mjs');
  });

  test('a table is named, with the way to make one', async () => {
    const bucket = uniqueName('bucket');
    await new S3Client(server.config).send(new CreateBucketCommand({ Bucket: bucket }));
    const outcome = await run('query', ['--query', '1'], { ...env, ML_PIPELINE_BUCKET: bucket });
    expect(outcome.status).toBe(1);
    const error = errorLine(outcome);
    expect(error).toContain(`The table ${env.ML_PIPELINE_TABLE} does not exist at ${server.endpoint}.`);
    expect(error).toContain('npx zx scripts/seed.mjs');
  });
});

test('--json is one object, or JSON Lines of what the help names, in each script that has a result', async () => {
  const folder = path.join(import.meta.dirname, '../../scripts');
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const texts = await Promise.all(scripts.map((name) => readFile(path.join(folder, name), 'utf8')));
  const has = (option: RegExp) => scripts.filter((_, i) => option.test(texts[i] ?? ''));
  const [objects, lines] = [has(/(^ +|, )json( \}|,$)/m), has(/^ +json: jsonLines\('/m)];
  expect(lines).toEqual(['curate.mjs', 'notebooks-html.mjs', 'predict.mjs', 'worker.mjs']);
  // What installs, serves or measures says so as it goes.
  const silent = ['bench.mjs', 'kernel.mjs', 'lab.mjs', 'tfjs-node.mjs'];
  expect([...objects, ...lines, ...silent].sort()).toEqual(scripts.sort());
});

describe('an endpoint', () => {
  test.each([
    ['query', ['--query', '1']],
    ['seed', []],
  ])('where nobody answers is named, with the way to start the mock there: %s', async (script, args) => {
    const port = await freePort();
    const outcome = await run(script, args, { ...env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    expect(outcome.status).toBe(1);
    const error = errorLine(outcome);
    expect(error).toContain(
      `Nothing answers at http://127.0.0.1:${port} (ECONNREFUSED). Start the mock with: npx zx ` +
        `scripts/up.mjs --port ${port}`,
    );
  });

  test.each([
    [200, "does not speak AWS's protocol."],
    [404, "does not speak AWS's protocol."],
    [500, 'status 500 (text/html), again and again. It is overloaded or out of order'],
  ])(
    'that is another web server (it answers %i) is said not to be AWS, or to be out of order',
    async (answer, says) => {
      const web = http.createServer((_, response) =>
        response.writeHead(answer, { 'content-type': 'text/html' }).end('<html><br>Hello</html>'),
      );
      const { port } = (await once(web.listen(0, '127.0.0.1'), 'listening').then(() => web.address())) as AddressInfo;
      const outcomes = await runEach(
        [
          ['query', ['--query', '1']],
          ['seed', []],
        ],
        { ...env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
      );
      web.close();
      for (const outcome of outcomes) {
        expect(outcome.status).toBe(1);
        const error = errorLine(outcome);
        expect(error).toContain(`http://127.0.0.1:${port} `);
        expect(error).toContain(says);
      }
    },
  );

  test.each(['localhost:4566', 'http://127.0.0.1:99999', 'ftp://127.0.0.1'])(
    '%s is not an http URL',
    async (endpoint) => {
      const outcome = await run('query', ['--query', '1'], { ...env, AWS_ENDPOINT_URL: endpoint });
      expect(outcome.status).toBe(1);
      const error = errorLine(outcome);
      expect(error).toContain(`The endpoint '${endpoint}' is not an http URL; set AWS_ENDPOINT_URL`);
    },
  );
});

test('a name that no table can have is reported with the way to set it', async () => {
  const outcome = await run('query', ['--query', '1'], { ...env, ML_PIPELINE_TABLE: 'a b' });
  expect(outcome.status).toBe(1);
  const error = errorLine(outcome);
  expect(error).toContain("The table cannot be called 'a b'");
  expect(error).toContain('ML_PIPELINE_TABLE');
});

describe('a real AWS account', () => {
  test.each([
    ['AWS_ENDPOINT_URL', 'https://s3.us-east-1.amazonaws.com'],
    ['AWS_ENDPOINT_URL_DYNAMODB', 'https://localhost.example.com'],
  ])('is refused without consent where %s=%s leads there', async (name, endpoint) => {
    const outcomes = await runEach(
      [
        ['seed', []],
        ['demo', []],
        ['query', ['--query', '1']],
      ],
      { ...env, [name]: endpoint },
    );
    for (const outcome of outcomes) {
      expect(outcome.status).toBe(1);
      const error = errorLine(outcome);
      expect(error).toContain(`The endpoint ${endpoint} is `);
      expect(error).toContain('--aws');
    }
  });

  test.each([
    [{ AWS_PROFILE: 'production' }],
    [{ AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }],
  ])('is not reached for having credentials: %j', async (credentials) => {
    // Not one that another mock on this machine might have.
    const outcome = await run('query', ['--query', '1'], { ML_PIPELINE_BUCKET: uniqueName('bucket'), ...credentials });
    expect(outcome.status).toBe(1);
    const error = errorLine(outcome);
    expect(error).toContain(' at http://127.0.0.1:4566');
  });
});

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const probe = http.createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
