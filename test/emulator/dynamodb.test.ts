import { connect } from 'node:net';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type CreateGlobalSecondaryIndexAction,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndexUpdate,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testServer, uniqueName } from '../server.js';

const aws = await testServer();
const dynamo = new DynamoDBClient(aws.config);
const TableName = uniqueName('emulator');
const categories = ['gender', 'season', 'usage', 'colour'];
const item = (id: number) => ({
  id: { N: String(id) },
  ...Object.fromEntries(categories.map((name, i) => [name, { S: `${name}${id % (i + 2)}` }])),
  yearId: { S: `${2010 + (id % 7)}#${String(id).padStart(5, '0')}` },
});
const items = Array.from({ length: 500 }, (_, id) => item(id));

beforeAll(async () => {
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        ...[...categories, 'yearId'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: categories.map((name) => ({
        IndexName: `by-${name}`,
        KeySchema: [
          { AttributeName: name, KeyType: 'HASH' },
          { AttributeName: 'yearId', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 30, minDelay: 1 }, { TableName });
  for (let i = 0; i < items.length; i += 25) {
    const puts = items.slice(i, i + 25).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems = {} } = await dynamo.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }),
    );
    expect(UnprocessedItems).toEqual({});
  }
});

afterAll(async () => {
  dynamo.destroy();
  await aws.close();
});

describe('a query on an index', () => {
  const query = (options: object) =>
    dynamo.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-gender',
        KeyConditionExpression: 'gender = :gender AND yearId > :year',
        ExpressionAttributeValues: { ':gender': { S: 'gender1' }, ':year': { S: '2013' }, ':colour': { S: 'colour2' } },
        FilterExpression: 'colour = :colour',
        ReturnConsumedCapacity: 'INDEXES',
        ...options,
      }),
    );

  it('reads the key range in order, filters it, and reports the index it consumed', async () => {
    const inRange = items.filter((row) => Number(row.id.N) % 2 === 1 && row.yearId.S > '2013');
    const expected = inRange.filter((row) => Number(row.id.N) % 5 === 2);
    const result = await query({});
    expect(result.Items?.map((row) => row.yearId?.S)).toEqual(expected.map((row) => row.yearId.S).sort());
    expect(result.ScannedCount).toBe(inRange.length);
    expect(result.ConsumedCapacity?.GlobalSecondaryIndexes?.['by-gender']?.CapacityUnits).toBeGreaterThan(0);
    expect(result.ConsumedCapacity?.Table?.CapacityUnits).toBe(0);
  });

  it('goes on from its last key, page by page', async () => {
    const found: (string | undefined)[] = [];
    let ExclusiveStartKey: Awaited<ReturnType<typeof query>>['LastEvaluatedKey'];
    do {
      const page: Awaited<ReturnType<typeof query>> = await query({ Limit: 7, ExclusiveStartKey });
      found.push(...(page.Items ?? []).map((row) => row.id?.N));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(found).toEqual((await query({})).Items?.map((row) => row.id?.N));
    expect(found.length).toBeGreaterThan(7);
  });
});

it('the segments of a parallel scan return every item once', async () => {
  const segments = await Promise.all(
    [0, 1, 2, 3].map((Segment) =>
      dynamo.send(new ScanCommand({ TableName, Segment, TotalSegments: 4, ReturnConsumedCapacity: 'TOTAL' })),
    ),
  );
  const ids = segments.flatMap((segment) => (segment.Items ?? []).map((row) => Number(row.id?.N)));
  expect(ids.sort((a, b) => a - b)).toEqual(items.map((row) => Number(row.id.N)));
  expect(segments.every((segment) => (segment.ConsumedCapacity?.CapacityUnits ?? 0) > 0)).toBe(true);
});

it('a batch of keys returns the items that exist', async () => {
  const Keys = [3, 141, 499, 9999].map((id) => ({ id: { N: String(id) } }));
  const { Responses, UnprocessedKeys } = await dynamo.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }),
  );
  expect(Responses?.[TableName]?.map((row) => Number(row.id?.N)).sort((a, b) => a - b)).toEqual([3, 141, 499]);
  expect(UnprocessedKeys).toEqual({});
});

it('a conditional update adds to a set once, and names the failed condition', async () => {
  const finish = (chunk: string) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { id: { N: '100000' } },
        UpdateExpression: 'ADD chunks :chunk, done :one',
        ConditionExpression: 'attribute_not_exists(chunks) OR NOT contains(chunks, :name)',
        ExpressionAttributeValues: { ':chunk': { SS: [chunk] }, ':name': { S: chunk }, ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
  await Promise.all(['a', 'b', 'c'].map(finish));
  await expect(finish('b')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  const { Attributes } = await finish('d');
  expect(Attributes?.done?.N).toBe('4');
  expect(Attributes?.chunks?.SS?.sort()).toEqual(['a', 'b', 'c', 'd']);
});

it('a missing table is named so', async () => {
  const scan = dynamo.send(new ScanCommand({ TableName: uniqueName('missing') }));
  await expect(scan).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('a client that goes away in the middle of a request ends nobody else', async () => {
  const { hostname, port } = new URL(aws.endpoint);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const head =
        'POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: DynamoDB_20120810.Scan\r\ncontent-length: ' +
        '100\r\nexpect: 100-continue\r\n\r\n';
      socket.write(head);
    });
    socket.once('data', () => socket.write('{"Table', () => socket.resetAndDestroy()));
    socket.once('close', () => resolve()).once('error', reject);
  });
  expect((await dynamo.send(new ScanCommand({ TableName, Limit: 1 }))).Count).toBe(1);
});

describe('an index of a table that is in use', () => {
  const changeIndex = (change: GlobalSecondaryIndexUpdate, texts: string[] = [], client = dynamo) =>
    client.send(
      new UpdateTableCommand({
        TableName,
        ...(texts.length > 0 && {
          AttributeDefinitions: texts.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        }),
        GlobalSecondaryIndexUpdates: [change],
      }),
    );
  const index = {
    IndexName: 'by-gender-season',
    KeySchema: [
      { AttributeName: 'genderSeason', KeyType: 'HASH' },
      { AttributeName: 'yearId', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'ALL' },
  } satisfies CreateGlobalSecondaryIndexAction;
  const ofMore = {
    ...index,
    IndexName: 'by-more',
    KeySchema: [{ AttributeName: 'more', KeyType: 'HASH' }],
  } satisfies CreateGlobalSecondaryIndexAction;
  const described = async () => {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    return {
      ...Table,
      index: Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'by-gender-season'),
    };
  };
  const until = (status: string | undefined) =>
    vi.waitUntil(
      async () => {
        const { TableStatus, index } = await described();
        return TableStatus === 'ACTIVE' && index?.IndexStatus === status;
      },
      { timeout: 60_000, interval: 100 },
    );
  const query = (value: string) =>
    dynamo.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-gender-season',
        KeyConditionExpression: 'genderSeason = :value',
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
  const mark = (id: number, value: AttributeValue) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { id: { N: String(id) } },
        UpdateExpression: 'SET genderSeason = :value',
        ExpressionAttributeValues: { ':value': value },
      }),
    );

  it('is filled with the items that have its key, before it is active and after', async () => {
    for (const id of [1, 2, 3]) await mark(id, { S: 'a' });
    await mark(4, { N: '4' });
    const { TableDescription } = await changeIndex({ Create: index }, ['genderSeason', 'yearId']);
    // LocalStack answers before it begins, may be done in a moment, and writes meanwhile fail.
    if (aws.embedded) {
      // The SDK waits for the end of a limit.
      const impatient = new DynamoDBClient({ ...aws.config, maxAttempts: 1 });
      await expect(changeIndex({ Create: ofMore }, ['more'], impatient)).rejects.toMatchObject({
        name: 'LimitExceededException',
      });
      impatient.destroy();
      expect(TableDescription?.TableStatus).toBe('UPDATING');
      expect((await described()).index?.IndexStatus).toBe('CREATING');
      await expect(query('a')).rejects.toMatchObject({ name: 'ValidationException' });
      await mark(5, { S: 'a' });
    }
    await until('ACTIVE');
    if (!aws.embedded) await mark(5, { S: 'a' });
    await mark(6, { S: 'a' });
    await mark(1, { S: 'b' });
    expect((await query('a')).Items?.map(({ id }) => id?.N).sort()).toEqual(['2', '3', '5', '6']);
    expect((await query('b')).Items?.map(({ id }) => id?.N)).toEqual(['1']);
  });

  it('is refused where its keys are not defined, or there is one of its name', async () => {
    await expect(changeIndex({ Create: ofMore }, ['yearId'])).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(changeIndex({ Create: index }, ['genderSeason', 'yearId'])).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(changeIndex({ Delete: { IndexName: 'by-none' } })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is deleted', async () => {
    await changeIndex({ Delete: { IndexName: 'by-gender-season' } });
    await until(undefined);
    await expect(query('a')).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await described()).AttributeDefinitions?.map(({ AttributeName }) => AttributeName)).not.toContain(
      'genderSeason',
    );
  });
});
