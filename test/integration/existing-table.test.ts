import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { ensureBucket, putBytes } from '../../src/aws/bucket.js';
import { clients, sdkClient } from '../../src/aws/clients.js';
import { list } from '../../src/aws/listing.js';
import { type AnyProduct, Catalogue, type Condition, describeTable, seedCatalogue } from '../../src/catalogue/index.js';
import { connect } from '../../src/connect.js';
import { loadModel } from '../../src/model/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { sampleSource } from '../../src/sample/index.js';
import { chunks } from '../../src/work/index.js';
import { uniqueName } from '../server.js';
import { sharedAws } from './shared.js';

// The handlers find their clients by the environment, as in Lambda.
const own = { table: uniqueName('Shop'), bucket: uniqueName('shop'), stack: uniqueName('stack') };
Object.assign(process.env, inject('env'), {
  ML_PIPELINE_TABLE: own.table,
  ML_PIPELINE_BUCKET: own.bucket,
  ML_PIPELINE_STACK: own.stack,
});
const aws = clients();
const dynamodb = sdkClient(aws.dynamodb, DynamoDBClient);

type Item = Record<string, AttributeValue>;
const most = 5000;

/** An item as another system would write it: keys of its own, prices, dates in zones, sets, and values of odd kinds. */
function itemOf(product: Awaited<ReturnType<typeof someProducts>>[number], n: number): Item {
  const day = new Date(Date.UTC(2020, 0, 1 + (n % 900), n % 24));
  const zoned = `${day.toISOString().slice(0, 19)}${n % 3 === 0 ? 'Z' : n % 3 === 1 ? '+02:00' : '-05:30'}`;
  const text = (value: string | undefined): AttributeValue => ({ S: value ?? '' });
  return {
    sku: { S: `JK-${String(Math.floor(n / 3)).padStart(5, '0')}` },
    variant: { S: ['a', 'b/2', '%c'][n % 3] ?? '' },
    ...(product.articleType !== undefined && { brand: { S: product.articleType } }),
    ...(n % 500 !== 7 && { price: { N: String(((n * 37) % 20_000) / 100 - 5) } }),
    rating: n % 90 === 7 ? { S: 'none yet' } : { N: String(n % 6) },
    'base-colour': text(product.baseColour),
    ...(product.season !== undefined && n % 7 > 0 && { season: { S: product.season } }),
    usage: product.usage === undefined ? { NULL: true } : { S: product.usage },
    added: { S: zoned },
    inStock: { BOOL: n % 4 === 0 },
    tags: n % 2 === 0 ? { SS: ['new', product.usage ?? 'any'] } : { L: [{ S: 'old' }] },
    photo: { S: `media/${createHash('sha256').update(String(product.id)).digest('hex').slice(0, 16)}.jpg` },
    dims: { M: { w: { N: '60' } } },
    ...(n % 100 === 3 && { barcode: { N: '4006381333931123456' } }),
  };
}

/** Products of the shared catalogue, with their images. */
async function someProducts() {
  const shared = sharedAws();
  const products = await new Catalogue(shared).query({}, { limit: most }).toArray();
  shared.close();
  return products;
}

let items: Item[];

beforeAll(async () => {
  await ensureBucket(aws);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: own.table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'sku', KeyType: 'HASH' },
        { AttributeName: 'variant', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        ...['sku', 'variant', 'brand', 'season', 'added'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S' as const,
        })),
        { AttributeName: 'price', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'brand-price',
          KeySchema: [
            { AttributeName: 'brand', KeyType: 'HASH' },
            { AttributeName: 'price', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
        {
          IndexName: 'season-added',
          KeySchema: [
            { AttributeName: 'season', KeyType: 'HASH' },
            { AttributeName: 'added', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['inStock'] },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 0.2 }, { TableName: own.table });
  const products = await someProducts();
  items = products.map(itemOf);
  for (const some of chunks(items, 25))
    await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [own.table]: some.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  const source = sampleSource({ products: 1 });
  const ids: number[] = [];
  for await (const { id } of source.products()) ids.push(id);
  const image = await source.image(ids[0] ?? 0);
  for (const item of items.slice(0, 200)) await putBytes(aws, item.photo?.S ?? '', image, { type: 'image/jpeg' });
});
afterAll(() => aws.close());

/** All items of the table, as DynamoDB has them. */
async function wholeTable(): Promise<Item[]> {
  const all: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: own.table })) all.push(...Items);
  return all;
}

const idOf = ({ sku, variant }: Item): string => `${sku?.S}/${variant?.S}`;

describe('a table that another system made', () => {
  it('is described: keys, indexes, fields with examples, where images are, what is left out', async () => {
    const described = await describeTable(aws);
    console.log(String(described), described.code);
    expect(described.key).toEqual([
      { attribute: 'sku', type: 'S' },
      { attribute: 'variant', type: 'S' },
    ]);
  });

  it.each<[Condition<AnyProduct>, (item: Item) => boolean, string]>([
    [
      { brand: 'Shirts', price: { gt: 50, lte: 120.5 } },
      ({ brand, price }) => brand?.S === 'Shirts' && Number(price?.N) > 50 && Number(price?.N) <= 120.5,
      'index brand-price',
    ],
    [
      { season: 'Summer', added: { between: ['2021-03-01T00:00:00Z', '2021-04-01T00:00:00Z'] } },
      ({ season, added }) =>
        season?.S === 'Summer' &&
        Date.parse(added?.S ?? '') >= Date.UTC(2021, 2, 1) &&
        Date.parse(added?.S ?? '') <= Date.UTC(2021, 3, 1),
      'index season-added, then each product by its key (the index lacks',
    ],
    [
      { 'base-colour': { in: ['Black', 'Navy Blue'] }, tags: { contains: 'new' }, not: { price: { lt: 20 } } },
      (item) =>
        ['Black', 'Navy Blue'].includes(item['base-colour']?.S ?? '') &&
        (item.tags?.SS ?? []).includes('new') &&
        !(Number(item.price?.N) < 20),
      'scan',
    ],
    [
      { sku: 'JK-00012', variant: { beginsWith: 'b/' } },
      ({ sku, variant }) => sku?.S === 'JK-00012' && (variant?.S ?? '').startsWith('b/'),
      'table key',
    ],
    [{ id: 'JK-00012/b/2' }, (item) => idOf(item) === 'JK-00012/b/2', 'table key'],
    [{ season: { exists: false } }, ({ season }) => season?.S === undefined, 'scan'],
    [{ rating: { exists: false } }, ({ rating }) => rating?.N === undefined, 'scan'],
    [{ barcode: { exists: false }, not: { usage: 'Casual' } }, ({ usage }) => usage?.S !== 'Casual', 'scan'],
    [
      { inStock: true, brand: { in: ['Shirts', 'Watches'] } },
      ({ inStock, brand }) => inStock?.BOOL === true && ['Shirts', 'Watches'].includes(brand?.S ?? ''),
      'index brand-price',
    ],
  ])('answers %j as a scan and a filter do', async (condition, holds, access) => {
    const catalogue = await Catalogue.open<AnyProduct>(aws);
    const found = catalogue.query(condition, { quiet: true });
    const ids = (await found.toArray()).map(({ id }) => id).sort();
    expect(ids).toEqual(items.filter(holds).map(idOf).sort());
    expect(ids.length).toBeGreaterThan(0);
    expect(String(await found.plan)).toContain(access);
    console.log(String(await found.plan), found.readUnits, found.notes);
  });
});
