import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { ensureBucket } from '../../src/aws/bucket.js';
import { clients, sdkClient } from '../../src/aws/clients.js';
import { putBytes } from '../../src/aws/put-object.js';
import {
  type AnyProduct,
  Catalogue,
  type Condition,
  describeTable,
  type Schema,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { connect } from '../../src/connect.js';
import { loadModel } from '../../src/model/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { sampleSource } from '../../src/sample/index.js';
import { chunks, PipelineError } from '../../src/work/index.js';
import { expectSameAsDirect } from '../pipeline/queue/setup.js';
import { json, run } from '../scripts/script.js';
import { uniqueName } from '../server.js';
import { sharedAws } from './shared.js';

// The handlers find their clients by the environment, as in Lambda.
const own = {
  table: uniqueName('Shop'),
  bucket: uniqueName('shop'),
  imageBucket: uniqueName('shop-images'),
  stack: uniqueName('stack'),
};
const { table, bucket, imageBucket } = own;
const place = { table, bucket, imageBucket };
const env = {
  ...inject('env'),
  ML_PIPELINE_TABLE: own.table,
  ML_PIPELINE_BUCKET: own.bucket,
  ML_PIPELINE_IMAGE_BUCKET: own.imageBucket,
  ML_PIPELINE_STACK: own.stack,
};
Object.assign(process.env, env);
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
    photo: { S: `media/${hashOf(product.id)}.${n % 2 === 0 ? 'png' : 'webp'}` },
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

const hashOf = (id: number): string => createHash('sha256').update(String(id)).digest('hex').slice(0, 16);

let items: Item[];
let before: string[];

const cheapShirts = { brand: 'Shirts', price: { gt: 50, lte: 120.5 } } as const;
const isCheapShirt = ({ brand, price }: Item): boolean =>
  brand?.S === 'Shirts' && Number(price?.N) > 50 && Number(price?.N) <= 120.5;

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
  const image = sharp(Buffer.from(await source.image(ids[0] ?? 0)));
  const files = { png: await image.png().toBuffer(), webp: await image.webp().toBuffer() };
  const elsewhere = { ...aws, bucket: imageBucket };
  await ensureBucket(elsewhere);
  for (const { photo } of items.filter(isCheapShirt)) {
    const key = photo?.S ?? '';
    const format = key.endsWith('.png') ? 'png' : 'webp';
    await putBytes(elsewhere, key, files[format], { type: `image/${format}` });
  }
  before = await wholeTable();
});
afterAll(() => aws.close());

/** All items of the table, as DynamoDB has them. */
async function wholeTable(): Promise<string[]> {
  const all: string[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: own.table }))
    all.push(...Items.map((item) => JSON.stringify(Object.entries(item).sort())));
  return all.sort();
}

const idOf = ({ sku, variant }: Item): string => `${sku?.S}/${variant?.S}`;

describe('a table that another system made', () => {
  it('is described: its key, its indexes, its fields, where images are, and what is left out', async () => {
    const described = await describeTable(aws);
    expect(described).toMatchObject({
      key: [
        { attribute: 'sku', type: 'S' },
        { attribute: 'variant', type: 'S' },
      ],
      indexes: [
        { name: 'brand-price', projected: 'all' },
        { name: 'season-added', projected: ['inStock'] },
      ],
      image: 'photo',
      billing: 'on demand',
      leftOut: expect.arrayContaining([{ attribute: 'dims', kind: 'a map', share: 1 }]),
    });
    expect(described.schema).toEqual({
      id: 'string',
      fields: {
        sku: 'string',
        variant_: 'string',
        added: 'date',
        'base-colour': 'string',
        brand: 'string',
        inStock: 'boolean',
        photo: 'string',
        price: 'number',
        rating: 'number',
        season: 'string',
        tags: 'string[]',
        usage: 'string',
      },
      indexes: [],
      layout: {
        key: { partition: 'sku', sort: 'variant_' },
        indexes: [
          { name: 'brand-price', partition: 'brand', sort: 'price', projected: 'all' },
          { name: 'season-added', partition: 'season', sort: 'added', projected: ['inStock'] },
        ],
        image: 'photo',
        attributes: { variant_: 'variant' },
      },
    });
    const text = String(described);
    expect(text).toMatch(/^key {5}sku \(a text\) \+ variant \(a text\); an id is "JK-\d{5}\/(a|b\/2|%c)"$/m);
    expect(text).toContain('index   season-added: season (a text) + added (a text), with the keys and inStock');
    expect(text).toMatch(/^rating +a number +\d\d% +\(another kind in \d\.\d%\) /m);
    expect(described.code).toMatch(/^const schema = defineSchema\(\{\s+id: 'string',/);
  });

  it('is queried by whoever names it, and read as what was found', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { catalogue, close } = await connect(place);
    expect(said.mock.calls.flat().join('\n')).toMatch(
      /made by another system, and is only read: key sku \+ variant_, indexes brand-price, season-added, 12 fields/,
    );
    said.mockRestore();
    expect(await catalogue.query({ id: 'JK-00003/b/2' }).toArray()).toMatchObject([
      { id: 'JK-00003/b/2', sku: 'JK-00003', variant_: 'b/2' },
    ]);
    const [first] = await catalogue.values('inStock');
    expect(first?.value).toBe(false);
    expect(first?.products).toBeGreaterThan(items.length * 0.7);
    expect((await catalogue.explain({ brand: 'Shirtz' })).notes.join()).toMatch(/Shirtz.*sample/);
    close();
  });

  const shirts = { brand: { in: ['Shirts', 'Tshirts'] }, inStock: true };
  it.each<[Condition<AnyProduct>, (item: Item) => boolean, string | RegExp]>([
    [cheapShirts, isCheapShirt, 'index brand-price'],
    [
      { season: 'Summer', added: { between: ['2021-02-27T12:00:00Z', '2021-03-03T20:00:00Z'] } },
      ({ season, added }) =>
        season?.S === 'Summer' &&
        Date.parse(added?.S ?? '') >= Date.UTC(2021, 1, 27, 12) &&
        Date.parse(added?.S ?? '') <= Date.UTC(2021, 2, 3, 20),
      /^index season-added, then each product by its key \(the index lacks .*, …\)/,
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
      { sku: 'JK-00012', variant_: { beginsWith: 'b/' } },
      ({ sku, variant }) => sku?.S === 'JK-00012' && (variant?.S ?? '').startsWith('b/'),
      'table key',
    ],
    [{ sku: 'JK-00012', variant_: { gt: 'a' } }, (item) => idOf(item) === 'JK-00012/b/2', 'table key'],
    [{ id: { in: ['JK-00012/b/2', 'JK-00012', '?'] } }, (item) => idOf(item) === 'JK-00012/b/2', 'table key'],
    [{ season: { exists: false } }, ({ season }) => season?.S === undefined, 'scan'],
    [{ rating: { exists: false } }, ({ rating }) => rating?.N === undefined, 'scan'],
    [{ usage: { exists: false } }, ({ usage }) => usage?.S === undefined, 'scan'],
    [{ not: { usage: 'Casual' } }, ({ usage }) => usage?.S !== 'Casual', 'scan'],
    [
      { not: { or: [{ rating: { lt: 3 } }, { id: 'JK-00012/a' }] } },
      (item) => !(Number(item.rating?.N) < 3) && idOf(item) !== 'JK-00012/a',
      'scan',
    ],
    [
      shirts,
      ({ inStock, brand }) => inStock?.BOOL === true && shirts.brand.in.includes(brand?.S ?? ''),
      /^index brand-price|^scan/,
    ],
  ])('answers %j as a scan and a filter do', async (condition, holds, access) => {
    const catalogue = await Catalogue.open<AnyProduct>(aws);
    const found = catalogue.query(condition, { quiet: true });
    const ids = (await found.toArray()).map(({ id }) => id).sort();
    expect(ids).toEqual(items.filter(holds).map(idOf).sort());
    expect(ids.length).toBeGreaterThan(0);
    const plan = String(await found.plan);
    if (typeof access === 'string') expect(plan.slice(0, access.length)).toBe(access);
    else expect(plan).toMatch(access);
    const some = await catalogue.query(condition, { quiet: true, fields: ['inStock'] }).toArray();
    expect(some.map(({ id }) => id).sort()).toEqual(ids);
    expect(new Set(some.flatMap((each) => Object.keys(each)))).toEqual(new Set(['id', 'inStock']));
  });

  it('says how many items have values of another kind than a field’s', async () => {
    const found = (await Catalogue.open<AnyProduct>(aws)).query({}, { quiet: true });
    await found.toArray();
    const others = items.filter(({ rating }) => rating?.N === undefined).length;
    expect(found.notes).toEqual([`Of ${others} items that were read, rating is left out: it is not a number there.`]);
  });

  it('reads an index alone where that has the fields asked for', async () => {
    const catalogue = await Catalogue.open<AnyProduct>(aws);
    const found = catalogue.query(
      { season: 'Summer', added: { gte: '2021-02-01', lt: '2021-02-10' } },
      { fields: ['added', 'inStock'] },
    );
    await found.toArray();
    expect(String(await found.plan)).toMatch(/^index season-added, (about )?\d/);
  });
});

describe('a run on it', () => {
  const transforms = [horizontalFlip()];

  it('exports, augments and infers', async () => {
    const { pipeline, close } = await connect(place);
    const set = await pipeline.run({ where: cheapShirts, folder: 'shirts' });
    const wanted = items.filter(isCheapShirt).map(idOf).sort();
    expect(set.rows.map(({ id }) => id)).toEqual(wanted);
    expect(set.failures).toEqual([]);
    expect(new Set(set.rows.map(({ imagePath }) => imagePath.split('.').at(-1)))).toEqual(new Set(['png', 'webp']));
    expect(set.rows[0]).toMatchObject({ brand: 'Shirts', variant_: expect.any(String), added: expect.any(String) });
    const augmented = await pipeline.augment(set, transforms);
    expect(augmented.rows).toHaveLength(wanted.length);
    const model = await loadModel();
    expect((await pipeline.infer(set, model)).rows).toHaveLength(wanted.length);
    model.dispose();
    close();
  });

  it('through the queues gives the same bytes', async () => {
    const { pipeline, close } = await connect(place);
    const stop = new AbortController();
    const worker = runWorker(aws, queueHandler, { signal: stop.signal });
    try {
      const query = { where: cheapShirts, folder: uniqueName('queued'), augment: { transforms } };
      const job = await pipeline.run(query, { mode: 'queue', formats: ['csv'] });
      const exported = items.filter(isCheapShirt).length;
      expect((await job.result()).report).toMatchObject({ exported, augmented: exported, failed: 0 });
      await expectSameAsDirect<AnyProduct>(aws, query, ['csv']);
    } finally {
      stop.abort();
      await worker;
      close();
    }
  }, 240_000);
});

describe('on the command line', () => {
  const where = JSON.stringify(cheapShirts);

  it('it is described, and queried by what was found, or by the schema that was kept', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'described-'));
    const file = path.join(folder, 'fields.json');
    const described = await run('describe', ['--table', own.table, '--out', file], env);
    expect(described).toMatchObject({ status: 0, stdout: expect.stringContaining('const schema = defineSchema({') });
    const kept = JSON.parse(await readFile(file, 'utf8'));
    const { attributes: _, ...layout } = kept.layout;
    // By the key alone, with fewer fields.
    const fewer = {
      ...kept,
      fields: { ...kept.fields, usage: undefined },
      layout: { ...layout, indexes: [], attributes: kept.layout.attributes },
    };
    await writeFile(file, JSON.stringify(fewer));
    const found = json(await run('query', ['--where', where, '--explain', '--json'], env));
    expect(found).toMatchObject({ access: 'index brand-price' });
    const asked = ['--where', where, '--schema', file, '--to', 'by_scan', '--json'];
    expect(json(await run('query', asked, env))).toMatchObject({
      plan: expect.stringMatching(/^scan/),
      exported: items.filter(isCheapShirt).length,
    });
    await rm(folder, { recursive: true });
  }, 240_000);
});

describe('a table that another system made stays as it is', () => {
  it.each([{}, { recreate: true }])('it is not seeded, with %j', async (options) => {
    await expect(seedCatalogue(aws, sampleSource({ products: 3 }), options)).rejects.toMatchObject({
      code: 'table.notOwn',
      message: expect.stringContaining(`connect({ table: '${own.table}' })`),
    });
  });

  it('every item is what it was', async () => {
    expect(before).toHaveLength(items.length);
    expect(await wholeTable()).toEqual(before);
  });

  it.each<[(schema: Schema) => Schema, string, string]>([
    [
      ({ layout, ...rest }) => ({ ...rest, layout: layout && { ...layout, key: { partition: 'sku' } } }),
      'table.otherLayout',
      'sku (a text) + variant (a text)',
    ],
    [
      ({ fields, ...rest }) => ({ ...rest, fields: { ...fields, price: 'string' } }),
      'table.otherLayout',
      'brand (a text) + price (a number)',
    ],
    [
      ({ layout, ...rest }) => ({
        ...rest,
        layout: layout && { ...layout, indexes: [{ name: 'by-usage', partition: 'usage', projected: 'all' }] },
      }),
      'table.otherLayout',
      'an index by-usage; the table',
    ],
    [
      ({ layout, ...rest }) => ({
        ...rest,
        layout: layout && {
          ...layout,
          indexes: layout.indexes.map((index) => ({ ...index, projected: 'all' as const })),
        },
      }),
      'table.otherLayout',
      'the index season-added has all fields',
    ],
    [
      ({ fields }) => ({ fields: { brand: fields.brand ?? 'string' }, indexes: [['brand']] }),
      'table.notOwn',
      'another',
    ],
  ])('and a schema that contradicts it is refused', async (change, code, says) => {
    const { schema } = await describeTable(aws);
    await expect(connect({ ...own, schema: change(schema) })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });

  it('is read by a schema where it may be neither described nor scanned; else the action is named', async () => {
    const { schema } = await describeTable(aws);
    const limited = clients({ ...place, bucket: uniqueName('limited') });
    await ensureBucket(limited);
    const client = sdkClient(limited.dynamodb, DynamoDBClient);
    const send = client.send.bind(client);
    client.send = async (command: never, ...rest: never[]) => {
      const { name } = Object(command).constructor;
      if (name !== 'QueryCommand')
        throw new PipelineError('aws.denied', `AWS refuses dynamodb:${name.replace('Command', '')}.`);
      return Reflect.apply(send, client, [command, ...rest]);
    };
    const catalogue = await Catalogue.open<AnyProduct>(limited, schema);
    const found = await catalogue.query(cheapShirts, { quiet: true }).toArray();
    expect(found.map(({ id }) => id).sort()).toEqual(items.filter(isCheapShirt).map(idOf).sort());
    expect(String(await catalogue.explain(cheapShirts))).toBe('index brand-price (no statistics to estimate its cost)');
    await expect(Catalogue.open(limited)).rejects.toMatchObject({
      code: 'aws.denied',
      message: expect.stringContaining('dynamodb:DescribeTable'),
    });
    limited.close();
  });

  it('one that does not exist is named, with what may be meant', async () => {
    await expect(describeTable(aws, { table: own.table.slice(0, -1) })).rejects.toMatchObject({
      code: 'table.missing',
      message: expect.stringContaining(`Did you mean '${own.table}'?`),
    });
  });
});

describe('a table as the original system filled it', () => {
  const original = { table: uniqueName('original'), bucket: uniqueName('original') };
  // Its own name for its bucket was misspelt, and went into every path.
  const misspelt = uniqueName('static-s3-buket');

  it('is found, queried and exported as it is: ids of numbers, baseColor, addresses of images', async () => {
    const there = clients(original);
    const ids = [15970, 39386, 59263];
    await dynamodb.send(
      new CreateTableCommand({
        TableName: original.table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 0.2 }, { TableName: original.table });
    const images = { ...there, bucket: misspelt };
    await ensureBucket(images);
    const source = sampleSource({ products: 1 });
    for await (const { id } of source.products())
      for (const each of ids)
        await putBytes(images, `images/${each}.jpg`, await source.image(id), { type: 'image/jpeg' });
    const Items = ids.map((id) => ({
      id: { N: String(id) },
      gender: { S: 'Men' },
      articleType: { S: id === 59263 ? 'Watches' : 'Shirts' },
      baseColor: { S: 'Navy Blue' },
      year: { N: '2011' },
      imagePath: { S: `https://${misspelt}.s3.amazonaws.com/images/${id}.jpg` },
    }));
    await dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { [original.table]: Items.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
    const { catalogue, pipeline, close } = await connect(original);
    expect(await catalogue.query({ id: 15970 }).toArray()).toMatchObject([{ id: 15970, baseColor: 'Navy Blue' }]);
    const set = await pipeline.run({ where: { articleType: 'Shirts', year: { gt: 2010 } }, folder: 'shirts' });
    expect(set.rows).toEqual(
      [15970, 39386].map((id) => ({
        id,
        gender: 'Men',
        articleType: 'Shirts',
        baseColor: 'Navy Blue',
        year: 2011,
        imagePath: `s3://${original.bucket}/shirts/images/${id}.jpg`,
      })),
    );
    close();
    there.close();
  });
});
