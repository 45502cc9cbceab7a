import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../localstack/emulator.mjs';
import { clients } from '../../src/aws/clients.js';
import { ensureQueues } from '../../src/pipeline/queue/provision.js';
import { errorLine, type Outcome, run, start } from '../scripts/script.js';
import { type FakeCloudFormation, fakeCloudFormation } from './cloudformation.js';

let emulator: Emulator;
let cloudFormation: FakeCloudFormation;
let env: Record<string, string>;

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 });
  const aws = clients({ env: { AWS_ENDPOINT_URL: emulator.endpoint } });
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'static-s3-bucket' }));
  aws.close();
});
afterAll(() => emulator.close());
beforeEach(async () => {
  cloudFormation = await fakeCloudFormation();
  env = {
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.endpoint,
    ML_PIPELINE_STACK: 'mine',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
});
afterEach(() => cloudFormation.close());

const errorsOf = ({ stderr }: Outcome) => stderr.split('\n').filter((line) => line.startsWith('error:'));

async function succeeds(options: readonly string[]): Promise<Outcome> {
  const outcome = await run('deploy', options, env);
  expect({ status: outcome.status, errors: errorsOf(outcome) }).toEqual({ status: 0, errors: [] });
  return outcome;
}

test('a deployment that fails names the resource that failed first, not those cancelled with it', async () => {
  cloudFormation.onExecute = {
    status: 'ROLLBACK_COMPLETE',
    events: [
      { resource: 'Jobs', status: 'CREATE_IN_PROGRESS', reason: '' },
      { resource: 'CopyRole', status: 'CREATE_FAILED', reason: 'Resource creation cancelled' },
      { resource: 'Jobs', status: 'CREATE_FAILED', reason: 'mine-jobs already exists' },
      { resource: 'Jobs', status: 'DELETE_FAILED', reason: 'it never was' },
    ],
  };
  const outcome = await run('deploy', [], env);
  const { status, stderr } = outcome;
  expect(status).toBe(1);
  expect(errorsOf(outcome)).toEqual([
    'error: The stack mine is ROLLBACK_COMPLETE. Jobs (AWS::Test::Resource): mine-jobs already exists',
  ]);
  expect(stderr).toMatch(/^CREATE_IN_PROGRESS Jobs \(AWS::Test::Resource\)$/m);
  expect(stderr).toContain('\nCREATE_FAILED Jobs (AWS::Test::Resource): mine-jobs already exists\n');
});

test.each(['ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'])(
  'a stack that stopped in %s is removed and made again',
  async (status) => {
    cloudFormation.status = status;
    await succeeds([]);
    expect(cloudFormation.actions).toEqual(['DeleteStack', 'CreateChangeSet', 'ExecuteChangeSet']);
  },
);

test('--dry-run removes the empty stack that its change set made, and only that', async () => {
  await succeeds(['--dry-run']);
  expect(cloudFormation.actions).toEqual(['CreateChangeSet', 'DeleteChangeSet', 'DeleteStack']);
  cloudFormation.actions = [];
  cloudFormation.status = 'UPDATE_COMPLETE';
  await succeeds(['--dry-run']);
  expect(cloudFormation.actions).toEqual(['CreateChangeSet', 'DeleteChangeSet']);
});

test('--dry-run leaves a stack alone that would be made again', async () => {
  cloudFormation.status = 'ROLLBACK_COMPLETE';
  const { stdout } = await succeeds(['--dry-run']);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    'The stack mine is ROLLBACK_COMPLETE: it would be removed and made again.',
  );
  expect(cloudFormation.actions).toEqual([]);
});

test('Ctrl-C while CloudFormation works says that it goes on and how to see it', async () => {
  cloudFormation.onExecute = { status: 'CREATE_IN_PROGRESS', events: [] };
  const running = start('deploy', [], env);
  await expect.poll(() => cloudFormation.actions, { timeout: 30_000 }).toContain('ExecuteChangeSet');
  running.interrupt();
  const { status, stderr } = await running.outcome;
  expect(status).toBe(130);
  expect(stderr).toMatch(/^Stopped\. The stack mine goes on without you\. Run the same again: it waits for it\./m);
});

test('a change that somebody else is making is waited for', async () => {
  cloudFormation.status = 'UPDATE_IN_PROGRESS';
  const running = start('deploy', ['--dry-run'], env);
  await expect.poll(() => cloudFormation.looks, { timeout: 30_000 }).toBeGreaterThan(2);
  expect(cloudFormation.actions).toEqual([]);
  cloudFormation.status = 'UPDATE_COMPLETE';
  const outcome = await running.outcome;
  expect(outcome.status).toBe(0);
  expect(outcome.stderr).toContain('The stack mine is UPDATE_IN_PROGRESS: waiting for that to end.');
  expect(cloudFormation.actions).toEqual(['CreateChangeSet', 'DeleteChangeSet']);
});

test('a name that no stack can have is refused', async () => {
  const outcome = await run('deploy', ['--stack', '4mine'], env);
  expect(outcome.status).toBe(1);
  expect(errorLine(outcome)).toMatch(/^error: The stack cannot be called '4mine'/);
});

test('queues that a worker made are not touched; the error says what to do', async () => {
  const aws = clients({ env: { ...env, ML_PIPELINE_STACK: 'taken' } });
  await ensureQueues(aws);
  aws.close();
  const outcome = await run('deploy', ['--stack', 'taken'], env);
  expect(outcome.status).toBe(1);
  expect(errorLine(outcome)).toMatch(
    new RegExp(
      '^error: The queue taken-copy is there already, but not by a deployment: ' +
        String.raw`.* Deploy under another name \(--stack NAME`,
    ),
  );
  expect(cloudFormation.actions).toEqual([]);
});

test.each([
  { what: 'changed', options: [] },
  { what: 'removed', options: ['--remove'] },
])('a stack of this name that is not of the kit is not $what', async ({ options }) => {
  Object.assign(cloudFormation, { status: 'CREATE_COMPLETE', parameters: ['DatabaseName'] });
  const outcome = await run('deploy', options, env);
  expect(outcome.status).toBe(1);
  expect(errorLine(outcome)).toBe(
    'error: The stack mine was not made by this script. Deploy under another name: --stack NAME\n',
  );
  expect(cloudFormation.actions).toEqual([]);
});
