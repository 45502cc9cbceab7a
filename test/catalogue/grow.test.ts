import {
  type AttributeValue,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Aws } from '../../src/aws/clients.js';
import { closeRoad } from '../../src/aws/road.js';
import {
  Catalogue,
  type CatalogueSource,
  defineSchema,
  type Entry,
  type Schema,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { mendKeys, scanItems } from '../../src/catalogue/store/keys.js';
import { readStatistics } from '../../src/catalogue/store/statistics.js';
import { sampleSource } from '../../src/sample/index.js';
import { uniqueName } from '../server.js';
import { ownTables } from './own-tables.js';

const { server, connected } = await ownTables('grow');

const leaves = defineSchema({
  fields: { species: 'string', site: 'string', wet: 'boolean', height: 'number' },
  indexes: [['species']],
  sort: 'height',
});
type Leaf = NonNullable<typeof leaves.product>;
const grown: Schema = { ...leaves, indexes: [['species'], ['species', 'site'], ['site', 'wet']] };

/** Some leaves lack fields, so that they are not in each index. */
const leaf = (id: number): Leaf => ({
  id,
  ...(id % 5 && { species: ['oak', 'elm#1', 'ash'][id % 3] ?? '' }),
  ...(id % 7 && { site: `site ${id % 4}` }),
  ...(id % 11 && { wet: id % 8 < 4 }),
  ...(id % 3 && { height: id / 2 }),
});
const source = (schema: Schema, products: Entry[] = Array.from({ length: 60 }, (_, i) => leaf(i + 1))) =>
  ({
    name: 'leaves',
    schema,
    image: sampleSource({ products: 1 }).image.bind(undefined, 1000001),
    async *products() {
      yield* products;
    },
  }) satisfies CatalogueSource<Entry>;

type Found = Record<string, AttributeValue>;
async function items(aws: Aws): Promise<Map<string | undefined, Found>> {
  const found = new Map<string | undefined, Found>();
  for await (const page of scanItems(aws)) for (const item of page as Found[]) found.set(item.id?.N, item);
  return new Map([...found].sort(([a], [b]) => Number(a) - Number(b)));
}

/** Counts the requests of some kinds; a request that `fail` names fails, like all after it. */
function watched(aws: Aws, fail: (sent: Record<string, number>) => boolean = () => false): Record<string, number> {
  const sent: Record<string, number> = {};
  let broken = false;
  for (const client of [aws.dynamodb, aws.s3]) {
    closeRoad(client);
    const send = client.send.bind(client);
    Object.assign(client, {
      send(command: Parameters<typeof send>[0], options: Parameters<typeof send>[1]) {
        const { name } = command.constructor;
        sent[name] = (sent[name] ?? 0) + 1;
        broken ||= fail(sent);
        return broken ? Promise.reject(new Error('killed')) : send(command, options);
      },
    });
  }
  return sent;
}

const condition = { site: 'site 1', wet: true };
const holds = ({ site, wet }: Leaf) => site === 'site 1' && wet === true;
const expected = Array.from({ length: 60 }, (_, i) => leaf(i + 1)).filter(holds);

async function expectByIndex(aws: Aws, index = 'index bySiteWet') {
  const catalogue = await Catalogue.open<Leaf>(aws);
  const plan = await catalogue.explain(condition);
  expect([plan.access, plan.estimate?.productsRead]).toEqual([index, expected.length]);
  const found = await catalogue.query(condition).toArray();
  expect(found.map(({ id }) => id).sort((a, b) => a - b)).toEqual(expected.map(({ id }) => id));
}

describe('a table that is seeded with more indexes', () => {
  it('gets them where it is: items get their keys and nothing else, no image is put', async () => {
    const aws = connected();
    await seedCatalogue(aws, source(leaves));
    const before = await items(aws);
    const sent = watched(aws);
    const { rows, images } = await seedCatalogue(aws, source(grown));
    expect([rows.written, rows.unchanged, images.put, images.unchanged]).toEqual([0, 60, 0, 60]);
    const keys = [...before.values()].filter(({ site, species, wet }) => site && (species || wet)).length;
    expect([sent.UpdateItemCommand, sent.UpdateTableCommand, sent.PutObjectCommand]).toEqual([keys, 2, 2]);
    const after = await items(aws);
    for (const { siteWet: _, speciesSite: __, ...item } of after.values()) expect(item).toEqual(before.get(item.id?.N));
    await expectByIndex(aws);
    // As if it had been so from the beginning.
    const anew = connected();
    await seedCatalogue(anew, source(grown));
    const place = (found: Map<string | undefined, Found>) =>
      [...found.values()].map(({ imagePath: _, ...item }) => item);
    expect(place(await items(anew))).toEqual(place(after));
    expect((await readStatistics(aws))?.indexes).toEqual((await readStatistics(anew))?.indexes);
  });

  it('is completed by a second time, wherever the first was killed, and reads right meanwhile', async () => {
    const first = connected();
    await seedCatalogue(first, source(leaves));
    const stops: ((sent: Record<string, number>) => boolean)[] = [
      ({ UpdateItemCommand }) => UpdateItemCommand === 40,
      ({ UpdateTableCommand }) => UpdateTableCommand === 1,
      ({ DescribeTableCommand }) => DescribeTableCommand === 5,
      ({ PutObjectCommand }) => PutObjectCommand === 2,
    ];
    for (const stop of stops) {
      const aws = connected(first);
      watched(aws, stop);
      await expect(seedCatalogue(aws, source(grown))).rejects.toThrow('killed');
      const catalogue = await Catalogue.open<Leaf>(first);
      expect((await catalogue.explain(condition)).access).toBe('scan');
      expect(await catalogue.query(condition).toArray()).toHaveLength(expected.length);
    }
    const sent = watched(first);
    await seedCatalogue(first, source(grown));
    expect(sent.UpdateItemCommand).toBeUndefined();
    await expectByIndex(first);
  });

  it('keeps an index that the schema has no longer; a field that it lacks is an error that names it', async () => {
    const aws = connected();
    await seedCatalogue(aws, source(grown));
    const more = [...Array.from({ length: 60 }, (_, i) => leaf(i + 1)), { ...leaf(1), ...condition, id: 121 }];
    await seedCatalogue(aws, source(leaves, more));
    const catalogue = await Catalogue.open<Leaf>(aws, leaves);
    expect(catalogue.schema.indexes).toEqual(grown.indexes);
    expect(await catalogue.query(condition).toArray()).toHaveLength(expected.length + 1);
    const { wet: _, ...fields } = leaves.fields;
    await expect(seedCatalogue(aws, source({ ...leaves, fields }))).rejects.toMatchObject({
      code: 'table.otherFields',
      message: expect.stringContaining('Add wet to the schema'),
    });
    // Who reads needs not know all fields, but none that there is not.
    expect((await Catalogue.open(aws, { ...leaves, fields })).schema.fields).toEqual(leaves.fields);
    await expect(Catalogue.open(aws, { ...grown, indexes: [['wet', 'species']] })).rejects.toMatchObject({
      code: 'table.otherFields',
      message: expect.stringContaining('Seed it with them'),
    });
  });
});

describe('catalogue.addIndex', () => {
  let aws: Aws;
  let catalogue: Catalogue<Leaf>;
  beforeAll(async () => {
    aws = connected();
    await seedCatalogue(aws, source(leaves));
    catalogue = await Catalogue.open<Leaf>(aws);
  });

  it('adds an index that plans use at once, also of others', async () => {
    expect((await catalogue.explain(condition)).access).toBe('scan');
    await catalogue.addIndex(['site', 'wet']);
    expect((await catalogue.explain(condition)).access).toBe('index bySiteWet');
    await expectByIndex(aws);
    expect((await catalogue.values('wet')).map(({ value }) => value)).toEqual([true, false]);
  });

  it('does nothing where there is one, and waits where somebody else adds it or another one', async () => {
    const sent = watched(aws);
    await catalogue.addIndex(['site', 'wet']);
    expect(sent.UpdateTableCommand).toBeUndefined();
    const others = await Promise.all([0, 1, 2].map(() => Catalogue.open<Leaf>(connected(aws))));
    await pMap(others, (each, i) => each.addIndex(i === 2 ? ['site'] : ['species', 'site']), {
      // On LocalStack whatever is written while an index is created fails.
      concurrency: server.embedded ? 3 : 1,
    });
    const { Table } = await aws.dynamodb.send(new DescribeTableCommand({ TableName: aws.table }));
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
      'bySite',
      'bySiteWet',
      'bySpecies',
      'bySpeciesSite',
    ]);
    // Whoever stored the schema last may not have seen the other's.
    await catalogue.addIndex(['site']);
    await catalogue.addIndex(['species', 'site']);
    expect((await catalogue.explain({ species: 'elm#1', site: 'site 1' })).candidates.map(({ fits }) => fits)).toEqual([
      false,
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it('names what cannot be an index, and a product that is too long for it, before the table is changed', async () => {
    await expect(catalogue.addIndex(['height'])).rejects.toMatchObject({ code: 'schema.badIndex' });
    await expect(catalogue.addIndex(['sort' as 'site'])).rejects.toMatchObject({ code: 'schema.badIndex' });
    const place = connected();
    const long = { ...leaf(1), species: 'x'.repeat(2040), site: 'y'.repeat(20) };
    await seedCatalogue(place, source(leaves, [long]));
    const sent = watched(place);
    await expect((await Catalogue.open<Leaf>(place)).addIndex(['species', 'site'])).rejects.toMatchObject({
      code: 'source.longKey',
      message: expect.stringContaining('The product 1'),
    });
    expect(sent.UpdateTableCommand).toBeUndefined();
    await expect(new Catalogue<Leaf>(connected(), leaves).addIndex(['site'])).rejects.toMatchObject({
      code: 'aws.tableMissing',
    });
  });

  it('is refused for a table of somebody else', async () => {
    const place = connected({ table: aws.table, bucket: uniqueName('grow') });
    await seedCatalogue(connected({ table: uniqueName('grow'), bucket: place.bucket }), source(leaves));
    await expect(new Catalogue<Leaf>(place, leaves).addIndex(['site'])).rejects.toMatchObject({
      code: 'table.notOwn',
    });
  });
});

describe('the key attributes of an item', () => {
  it('follow its fields as they are when they are written, also where somebody else is quicker', async () => {
    const aws = connected();
    await seedCatalogue(aws, source(grown, [leaf(1), leaf(2), leaf(3)]));
    const at = (id: string) => ({ TableName: aws.table, Key: { id: { N: id } } });
    const read = async (id: string) => (await aws.dynamodb.send(new GetItemCommand(at(id)))).Item as Found;
    const stale = await read('1');
    // By the SDK alone, as somebody does who knows nothing of keys.
    const change = (id: string, expression: string, values?: Found) =>
      aws.dynamodb.send(
        new UpdateItemCommand({ ...at(id), UpdateExpression: expression, ExpressionAttributeValues: values }),
      );
    await change('1', 'SET species = :species REMOVE speciesSite', { ':species': { S: 'yew' } });
    expect(await mendKeys(aws, { ...stale, speciesSite: { N: '1' } }, grown)).toBe(true);
    expect((await read('1')).speciesSite).toEqual({ S: 'yew#site 1' });
    await change('2', 'REMOVE site');
    expect(await mendKeys(aws, await read('2'), grown)).toBe(true);
    expect((await read('2')).speciesSite).toBeUndefined();
    expect(await mendKeys(aws, await read('2'), grown)).toBe(false);
    await aws.dynamodb.send(new PutItemCommand({ TableName: aws.table, Item: { id: { N: '4' } } }));
    await mendKeys(aws, await read('4'), grown);
    expect(await read('4')).toEqual({ id: { N: '4' }, heightId: { S: '-#0000000004' } });
    // What is gone stays gone.
    expect(await mendKeys(aws, { id: { N: '5' }, site: { S: 'x' } }, grown)).toBe(false);
    expect(await read('5')).toBeUndefined();
  });
});
