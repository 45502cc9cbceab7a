import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Aws, clients, sdkClient } from '../../../src/aws/clients.js';
import { ensureQueues, forgetQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import {
  deadLetterQueueName,
  jobsTableName,
  maxReceiveCount,
  queueName,
} from '../../../src/pipeline/queue/settings.js';
import { tasks } from '../../../src/pipeline/queue/tasks/index.js';
import { testServer, uniqueName } from '../../server.js';

const server = await testServer();
const opened: Aws[] = [];
afterAll(async () => {
  for (const aws of opened) aws.close();
  await server.close();
});

/** Clients of a stack, by default of a new one. */
function connect(stack = uniqueName('stack')): Aws {
  const aws = clients({ env: { ...server.env, ML_PIPELINE_STACK: stack } });
  opened.push(aws);
  return aws;
}

async function attributesOf(aws: Aws, name: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: await queueUrl(aws, name), AttributeNames: ['All'] }),
  );
  return Attributes;
}

/** A copy queue that somebody else has made. */
const makeAnother = ({ sqs, stack }: Aws) =>
  sqs.send(new CreateQueueCommand({ QueueName: queueName(stack, 'copy'), Attributes: { VisibilityTimeout: '5' } }));

describe('on a mock', () => {
  it(
    'each task gets a queue whose messages go to its dead-letter queue in the end, and all of them the table ' +
      'of jobs',
    async () => {
      const aws = connect();
      await ensureQueues(aws);
      for (const task of tasks) {
        const dead = await attributesOf(aws, deadLetterQueueName(aws.stack, task));
        const queue = await attributesOf(aws, queueName(aws.stack, task));
        const twoWeeks = { MessageRetentionPeriod: '1209600' };
        expect(dead).toMatchObject(twoWeeks);
        expect(queue).toMatchObject({ ...twoWeeks, VisibilityTimeout: '60' });
        const { deadLetterTargetArn, maxReceiveCount: receives } = JSON.parse(queue.RedrivePolicy ?? '{}');
        expect({ deadLetterTargetArn, receives: Number(receives) }).toEqual({
          deadLetterTargetArn: dead.QueueArn,
          receives: maxReceiveCount,
        });
      }
      const { Table } = await aws.dynamodb.send(new DescribeTableCommand({ TableName: jobsTableName(aws.stack) }));
      expect(Table).toMatchObject({
        TableStatus: 'ACTIVE',
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        KeySchema: [
          { AttributeName: 'job', KeyType: 'HASH' },
          { AttributeName: 'part', KeyType: 'RANGE' },
        ],
      });
    },
  );

  it('several can make sure of them at once', async () => {
    const stack = uniqueName('stack');
    const all = Array.from({ length: 6 }, () => connect(stack));
    await Promise.all(all.map((aws, i) => ensureQueues(aws, i === 3 ? { visibilityTimeout: 90 } : {})));
    const urls = await Promise.all(all.map((aws) => queueUrl(aws, queueName(aws.stack, 'infer'))));
    expect(new Set(urls).size).toBe(1);
    expect(await attributesOf(connect(stack), queueName(stack, 'infer'))).toMatchObject({ VisibilityTimeout: '90' });
  });

  it('a visibility timeout is changed only where one is asked for', async () => {
    const aws = connect();
    const timeout = async () => (await attributesOf(aws, queueName(aws.stack, 'copy'))).VisibilityTimeout;
    await ensureQueues(aws, { visibilityTimeout: 10 });
    expect(await timeout()).toBe('10');
    await ensureQueues(aws);
    expect(await timeout()).toBe('10');
    await ensureQueues(aws, { visibilityTimeout: 20 });
    expect(await timeout()).toBe('20');
  });

  it.each(['before', 'in the same moment'])(
    'a queue that another made %s with other attributes is left as it is',
    async (when) => {
      const aws = connect();
      const other = connect(aws.stack);
      if (when === 'before') await makeAnother(other);
      else {
        sdkClient(aws.sqs, SQSClient).middlewareStack.add(
          (next, { commandName }) =>
            async (args) => {
              if (
                commandName === 'CreateQueueCommand' &&
                'QueueName' in args.input &&
                args.input.QueueName === queueName(aws.stack, 'copy')
              )
                await makeAnother(other);
              return next(args);
            },
          { step: 'initialize' },
        );
      }
      await ensureQueues(aws);
      expect(await attributesOf(aws, queueName(aws.stack, 'copy'))).toMatchObject({ VisibilityTimeout: '5' });
    },
  );
});

describe('on a real account', () => {
  it('nothing is made: what lacks is named, with the remedy', async () => {
    const aws = { ...connect(), real: true };
    await expect(ensureQueues(aws)).rejects.toMatchObject({
      code: 'queue.missing',
      message: expect.stringContaining('npx zx scripts/deploy.mjs --aws'),
    });
    const { QueueUrls = [] } = await aws.sqs.send(new ListQueuesCommand({ QueueNamePrefix: aws.stack }));
    expect(QueueUrls).toEqual([]);
    const table = aws.dynamodb.send(new DescribeTableCommand({ TableName: jobsTableName(aws.stack) }));
    await expect(table).rejects.toMatchObject({ code: 'aws.tableMissing' });
  });

  it('what is deployed is enough, but neither the queues without the table nor the other way round', async () => {
    const mock = connect();
    await ensureQueues(mock);
    await ensureQueues({ ...mock, real: true });
    const noTable = { ...mock, real: true, stack: `${mock.stack}-b` };
    for (const task of tasks) {
      for (const name of [queueName, deadLetterQueueName])
        await mock.sqs.send(new CreateQueueCommand({ QueueName: name(noTable.stack, task) }));
    }
    await expect(ensureQueues(noTable)).rejects.toMatchObject({
      code: 'queue.missing',
      value: `table ${jobsTableName(noTable.stack)}`,
    });
  });
});

describe("a queue's URL", () => {
  it('is asked for once, and again after it was forgotten', async () => {
    const aws = connect();
    await ensureQueues(aws);
    forgetQueues(aws);
    let asked = 0;
    sdkClient(aws.sqs, SQSClient).middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'GetQueueUrlCommand') asked++;
          return next(args);
        },
      { step: 'initialize' },
    );
    const name = queueName(aws.stack, 'copy');
    expect(await queueUrl(aws, name)).toBe(await queueUrl(aws, name));
    expect(asked).toBe(1);
    forgetQueues(aws);
    await queueUrl(aws, name);
    expect(asked).toBe(2);
  });

  it('that there is none is an error with the remedy, and not remembered', async () => {
    const aws = connect();
    const name = queueName(aws.stack, 'copy');
    await expect(queueUrl(aws, name)).rejects.toMatchObject({
      code: 'queue.missing',
      value: `queue ${name}`,
      message: expect.stringContaining('npx zx scripts/worker.mjs'),
    });
    await makeAnother(aws);
    expect(await queueUrl(aws, name)).toContain(name);
  });
});
