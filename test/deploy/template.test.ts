import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formats } from '../../src/dataset/formats/index.js';
import {
  batchSize,
  deadLetterQueueName,
  jobsTableName,
  maxReceiveCount,
  queueName,
  retentionDays,
} from '../../src/pipeline/queue/settings.js';
import { tasks } from '../../src/pipeline/queue/tasks/index.js';
import { actionsOf, allows, resourcesOf, statementsOf, titleOf } from './policy.js';
import { imageBucket, json, keyArn, resolve, resourceOf, type Setting, template } from './template.js';
import { needsTools, tools } from './tools.js';

const setting: Setting = { stack: 'my-stack', table: 'MyProducts', bucket: 'my-bucket' };
const property = (resource: string, name: string): unknown => resourceOf(resource).Properties[name];
const named = (resource: string, name: string): string => resolve(property(resource, name), setting).join();
const s3 = (action: string, key: string) => ({ action: `s3:${action}`, resource: `arn:aws:s3:::my-bucket/${key}` });
const sqs = (action: string, queue: string) => ({
  action: `sqs:${action}`,
  resource: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
});

describe('the template', () => {
  test.skipIf(!tools)(`passes cfn-lint without a warning${needsTools}`, async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-template-'));
    try {
      const file = path.join(folder, 'template.json');
      await writeFile(file, json);
      const options = ['--non-zero-exit-code', 'informational', '--include-checks', 'I', '--template', file];
      const { stdout } = await promisify(execFile)(tools?.cfnLint ?? '', options);
      expect(stdout).toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each(tasks)('names and sets up the queues of %s as the kit and its worker do', (task) => {
    const title = titleOf(task);
    expect(named(`${title}Queue`, 'QueueName')).toBe(queueName('my-stack', task));
    expect(named(`${title}DeadLetters`, 'QueueName')).toBe(deadLetterQueueName('my-stack', task));
    expect(property(`${title}Queue`, 'RedrivePolicy')).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [`${title}DeadLetters`, 'Arn'] },
      maxReceiveCount,
    });
    for (const queue of ['Queue', 'DeadLetters'])
      expect(property(`${title}${queue}`, 'MessageRetentionPeriod')).toBe(retentionDays * 24 * 60 * 60);
    expect(resourceOf(`${title}Mapping`).Properties).toMatchObject({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(property(`${title}Mapping`, 'EventSourceArn')).toEqual({ 'Fn::GetAtt': [`${title}Queue`, 'Arn'] });
    expect(property(`${title}Mapping`, 'FunctionName')).toEqual({ Ref: `${title}Function` });
  });

  test('hides a message for six times as long as a function may take', () => {
    expect(template.Parameters.Visibility?.Default).toBe(6 * Number(template.Parameters.Timeout?.Default));
    for (const task of tasks) {
      expect(property(`${titleOf(task)}Queue`, 'VisibilityTimeout')).toEqual({ Ref: 'Visibility' });
      expect(property(`${titleOf(task)}Function`, 'Timeout')).toEqual({ Ref: 'Timeout' });
    }
  });

  test('has the table of jobs in the form in which the kit makes it on a mock, forgetting old jobs', () => {
    expect(named('Jobs', 'TableName')).toBe(jobsTableName('my-stack'));
    expect(resourceOf('Jobs').Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'job', KeyType: 'HASH' },
        { AttributeName: 'part', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
  });

  test.each(tasks)('watches the age of %s messages and their dead letters', (task) => {
    const alarms = resourcesOf('AWS::CloudWatch::Alarm').map((name) =>
      JSON.stringify([property(name, 'MetricName'), property(name, 'Dimensions')]),
    );
    const on = (metric: string, queue: string) =>
      JSON.stringify([metric, [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }]]);
    expect(alarms).toContain(on('ApproximateAgeOfOldestMessage', `${titleOf(task)}Queue`));
    expect(alarms).toContain(on('ApproximateNumberOfMessagesVisible', `${titleOf(task)}DeadLetters`));
  });

  test.each(tasks)('watches the errors and throttles of the function of %s', (task) => {
    const alarms = resourcesOf('AWS::CloudWatch::Alarm').map((name) => resourceOf(name).Properties);
    for (const MetricName of ['Errors', 'Throttles']) {
      const metric = { Namespace: 'AWS/Lambda', MetricName, Statistic: 'Sum', Threshold: 0 };
      const Dimensions = [{ Name: 'FunctionName', Value: { Ref: `${titleOf(task)}Function` } }];
      expect(alarms).toContainEqual(expect.objectContaining({ ...metric, Dimensions }));
    }
  });

  test.each(tasks)('lets the function of %s use the keys of an encrypted bucket, and no other, where asked', (task) => {
    const [statement, ...others] = statementsOf(task).filter(({ Action }) => JSON.stringify(Action).includes('kms:'));
    expect(others).toEqual([]);
    expect(statement?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(resolve(statement?.Resource, setting)).toEqual([keyArn]);
    expect(resolve(Object.values(statement?.Condition?.StringEquals ?? {}).flat(), setting)).toEqual([
      's3.us-east-1.amazonaws.com',
      'dynamodb.us-east-1.amazonaws.com',
    ]);
    expect(resolve(statement?.Resource, { ...setting, conditions: false })).toEqual([
      'arn:aws:kms:us-east-1:000000000000:key/none',
    ]);
  });

  test('lets the function that copies, and no other, read the images of another bucket, where asked', () => {
    const may = (task: (typeof tasks)[number], action: string, key: string, asked = setting) =>
      allows(statementsOf(task), { action: `s3:${action}`, resource: `arn:aws:s3:::${imageBucket}/${key}` }, asked);
    for (const task of tasks) {
      expect(may(task, 'GetObject', 'media/1.png'), task).toBe(task === 'copy');
      for (const action of ['PutObject', 'DeleteObject', 'ListBucket', 'GetObjectTagging', 'PutObjectTagging'])
        expect(may(task, action, 'media/1.png'), `${task} ${action}`).toBe(false);
      expect(may(task, 'GetObject', 'media/1.png', { ...setting, conditions: false }), task).toBe(false);
    }
  });

  test('lets what copies tagged images copy their tags, where asked', () => {
    const may = (task: (typeof tasks)[number], action: string, key: string, asked = setting) =>
      allows(statementsOf(task), s3(action, key), asked);
    expect(may('copy', 'GetObjectTagging', 'images/1.jpg')).toBe(true);
    expect(may('copy', 'PutObjectTagging', 'mine/images/1.jpg')).toBe(true);
    expect(may('copy', 'PutObjectTagging', 'images/1.jpg')).toBe(false);
    expect(may('copy', 'GetObjectTagging', 'images/1.jpg', { ...setting, conditions: false })).toBe(false);
    expect(may('augment', 'GetObjectTagging', 'images/1.jpg')).toBe(false);
  });
});

describe.each(tasks)('the function of %s', (task) => {
  const statements = statementsOf(task);
  const may = (access: { action: string; resource: string; prefix?: string }) => allows(statements, access, setting);
  const others = tasks.filter((other) => other !== task);

  test('has no statement that allows all actions, or all resources', () => {
    for (const statement of statements.filter(({ Effect }) => Effect === 'Allow')) {
      for (const action of actionsOf(statement)) expect(action).toMatch(/^(dynamodb|s3|sqs|logs|kms):[A-Za-z]+$/);
      for (const resource of resolve(statement.Resource, setting))
        expect(resource).toMatch(
          /^arn:aws:((dynamodb|s3|sqs|logs):.*(my-stack|my-bucket|images-of-others|MyProducts)|kms:.*:key\/1234$)/,
        );
    }
  });

  test('takes messages from its own queue, not from the others', () => {
    expect(may(sqs('ReceiveMessage', `my-stack-${task}`))).toBe(true);
    for (const other of others) expect(may(sqs('ReceiveMessage', `my-stack-${other}`))).toBe(false);
    for (const some of tasks) expect(may(sqs('ReceiveMessage', `my-stack-${some}-dead-letters`))).toBe(false);
    expect(may(sqs('ReceiveMessage', 'other-stack-copy'))).toBe(false);
  });

  test('sends to its own dead-letter queue and to what comes after it', () => {
    expect(may(sqs('SendMessage', `my-stack-${task}-dead-letters`))).toBe(true);
    for (const other of others) expect(may(sqs('SendMessage', `my-stack-${other}-dead-letters`))).toBe(false);
    for (const some of tasks)
      expect(may(sqs('SendMessage', `my-stack-${some}`))).toBe(tasks.indexOf(some) >= tasks.indexOf(task));
  });

  test.each([
    'images/1.jpg',
    'images/images/1.jpg',
    'images/metadata.json',
    'catalogue/statistics.json',
    'catalogue/images/1.jpg',
    'models/shoes/metadata.json',
    'deploy/my-stack/images/copy.zip',
  ])('cannot write or delete %s', (key) => {
    expect(may(s3('PutObject', key))).toBe(false);
    expect(may(s3('DeleteObject', key))).toBe(false);
  });

  test.each(['metadata.json', ...Object.values(formats).map(({ file }) => file)])('writes and removes %s', (file) => {
    for (const folder of [
      'my_heels',
      'my_heels/augmented',
      'my_heels/predictions',
      'my_heels/predictions/strict',
      'mine/heels',
    ])
      for (const action of ['PutObject', 'AbortMultipartUpload', 'DeleteObject'])
        expect(may(s3(action, `${folder}/${file}`)), `s3:${action} of ${folder}/${file}`).toBe(true);
  });

  test('writes and removes the embeddings of predictions, with a name or without, which have no images', () => {
    for (const folder of ['my_heels/predictions', 'my_heels/predictions/strict', 'mine/heels/predictions/strict'])
      for (const action of ['PutObject', 'DeleteObject']) {
        expect(may(s3(action, `${folder}/embeddings.f16`)), folder).toBe(true);
        expect(may(s3(action, `${folder}/images/1.jpg`)), folder).toBe(false);
      }
    expect(may(s3('PutObject', 'my_heels/embeddings.f16'))).toBe(false);
  });

  test('writes the metadata in no other formats than the kit has', () => {
    const allowed = statements
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap((statement) => resolve(statement.Resource, setting))
      .flatMap((resource) => /[^/]*metadata[^/]*$/.exec(resource) ?? []);
    expect(allowed.sort()).toEqual(['metadata.json', ...Object.values(formats).map(({ file }) => file)].sort());
    for (const file of ['metadata.xml', 'metadata.json.bak', 'metadata'])
      expect(may(s3('PutObject', `my_heels/${file}`)), file).toBe(false);
  });

  test('neither reads the catalogue by itself nor writes to its table', () => {
    const product = (action: string) => ({
      action: `dynamodb:${action}`,
      resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/MyProducts',
    });
    for (const action of ['Scan', 'Query', 'PutItem', 'BatchWriteItem', 'UpdateItem', 'DeleteItem', 'DeleteTable'])
      expect(may(product(action))).toBe(false);
    expect(may(product('BatchGetItem'))).toBe(task === 'copy');
    expect(may(s3('GetObject', 'images/1.jpg'))).toBe(task === 'copy');
  });

  test('lists the images of data sets and the results of jobs, not the bucket', () => {
    const listing = (prefix: string) => ({ action: 's3:ListBucket', resource: 'arn:aws:s3:::my-bucket', prefix });
    expect(may(listing('my_heels/images/'))).toBe(true);
    expect(may(listing('jobs/20260101-abc/'))).toBe(true);
    expect(may(listing('images/'))).toBe(task === 'copy');
    for (const prefix of ['', 'catalogue/', 'models/', 'deploy/']) expect(may(listing(prefix))).toBe(false);
  });

  test('logs to its own group', () => {
    const log = (group: string) => ({
      action: 'logs:PutLogEvents',
      resource: `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/my-stack-${group}:log-stream:x`,
    });
    expect(may(log(task))).toBe(true);
    for (const other of others) expect(may(log(other))).toBe(false);
  });
});
