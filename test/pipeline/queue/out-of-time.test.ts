import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { codeOf, remedyOf } from '../../../src/pipeline/queue/attempts.js';
import { outOfTime } from '../../../src/pipeline/queue/out-of-time.js';
import { ensureQueues } from '../../../src/pipeline/queue/provision.js';
import { PipelineError } from '../../../src/work/index.js';
import { startProxy } from '../../proxy.js';
import { testServer, uniqueName } from '../../server.js';

/** Which requests are accepted and never answered. */
let silent: (target: unknown) => boolean = () => false;
let server: Awaited<ReturnType<typeof testServer>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let aws: Aws;
beforeAll(async () => {
  server = await testServer();
  proxy = await startProxy(server.endpoint, ({ headers }) => silent(headers['x-amz-target']));
  aws = clients({ env: { ...server.env, AWS_ENDPOINT_URL: proxy.endpoint, ML_PIPELINE_STACK: uniqueName('stack') } });
  await ensureQueues(aws);
});
afterAll(async () => {
  aws.close();
  await proxy.close();
  await server.close();
});

const aborted = new DOMException('This operation was aborted', 'AbortError');
const over = AbortSignal.abort(new DOMException('The operation timed out', 'TimeoutError'));

it('is the reason where the servers answer, and the message is tried again', async () => {
  silent = () => false;
  for (const error of [aborted, over.reason])
    expect(await outOfTime(aws, error, over)).toMatchObject({ code: 'message.outOfTime' });
});

it.each<[string, typeof silent]>([
  ['S3', (target) => target === undefined],
  ['DynamoDB', (target) => String(target).startsWith('DynamoDB')],
  ['S3 and DynamoDB', () => true],
])('is not the reason where %s accepts requests and does not answer: the message is put off', async (name, which) => {
  silent = which;
  const error = await outOfTime(aws, aborted, over);
  expect(error).toMatchObject({
    code: 'aws.unreachable',
    message: expect.stringMatching(new RegExp(`^${name} at ${proxy.endpoint} accepts requests and does not answer`)),
  });
  expect(remedyOf(codeOf(error), { received: 5, waits: 0 })).toMatchObject({ is: 'wait' });
});

it('is not the reason where a model’s server is away', async () => {
  const error = new PipelineError('model.unreachable', 'no answer');
  expect(await outOfTime(aws, error, over)).toBe(error);
});
