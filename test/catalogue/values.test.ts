import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, clients, getBytes, putBytes } from '../../src/aws/index.js';
import {
  Catalogue,
  type Condition,
  defineSchema,
  type Product,
  plan,
  seedCatalogue,
  toItem,
} from '../../src/catalogue/index.js';
import { StatisticsCounter } from '../../src/catalogue/store/statistics.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { json, run } from '../scripts/script.js';
import { type TestServer, testServer, uniqueName } from '../server.js';

const counter = new StatisticsCounter('test');
const genders = ['Men', 'Women', 'Boys'];
for (let id = 1; id <= 1200; id++) {
  const product: Product = {
    id,
    gender: genders[id % 3] ?? '',
    subCategory: id % 4 ? 'Shoes' : 'Topwear',
    articleType: id % 2 ? 'Casual Shoes' : 'Jackets',
    season: id % 5 ? 'Summer' : 'Fall',
    year: 2007 + (id % 13),
    productDisplayName: `Product ${id}`,
  };
  counter.add(product, toItem(product));
}
const notes = (condition: Condition) => plan(condition, counter.result).notes;
const seeded = ' (As of the last seeding.)';

describe('the values of a field', () => {
  it('are counted, the most frequent first; of free text and too many values they are not', () => {
    const { values } = counter.result;
    expect(values?.season).toEqual([
      ['Summer', 960],
      ['Fall', 240],
    ]);
    expect(values?.year?.[0]).toEqual([2008, 93]);
    expect(values).toMatchObject({ productDisplayName: null, usage: [] });
    const notes = new StatisticsCounter('test', defineSchema({ fields: { note: 'string' } }));
    for (const note of ['short', 'x'.repeat(101)]) notes.add({ id: 1, note } as Product, {});
    expect(notes.result.values).toEqual({ note: null });
  });
});

describe('a plan says of a value that no product has', () => {
  it.each<[string, Condition, string]>([
    ['a similar one', { gender: 'Woman' }, "No product has gender 'Woman'. Did you mean 'Women'?"],
    ['another case', { gender: { eq: 'women' } }, "No product has gender 'women'. Did you mean 'Women'?"],
    ['the plural', { articleType: 'Jacket' }, "No product has articleType 'Jacket'. Did you mean 'Jackets'?"],
    [
      'the field that has it',
      { articleType: 'Shoes' },
      "No product has articleType 'Shoes'. There are some with subCategory 'Shoes'.",
    ],
    [
      'those that there are, where they are few',
      { season: 'Autumn' },
      "No product has season 'Autumn'. The values are 'Summer', 'Fall'.",
    ],
    ['the range of numbers', { year: 1999 }, 'No product has year 1999. The values go from 2007 to 2019.'],
    ['that none begins so', { gender: { beginsWith: 'X' } }, "No product has a gender that begins with 'X'."],
    [
      'inside of others, too',
      { year: 2011, or: [{ gender: { in: ['Men', 'Boy'] } }, { season: 'Fall' }] },
      "No product has gender 'Boy'. Did you mean 'Boys'?",
    ],
    ['a field without any', { usage: 'Casual' }, "No product has usage 'Casual'."],
  ])('%s', (_, condition, note) => {
    expect(notes(condition)).toEqual([note + seeded]);
  });

  it('nothing where it must not be there, or where it is not known', () => {
    expect(notes({ not: { gender: 'Woman' } })).toEqual([]);
    expect(notes({ not: { or: [{ season: 'Autumn' }, { gender: { in: ['Woman'] } }] } })).toEqual([]);
    expect(notes({ productDisplayName: 'Product 5000', year: { gt: 2100 }, id: 99_999 })).toEqual([]);
    expect(notes({ gender: 'Women', articleType: { beginsWith: 'Ja' }, season: { in: ['Fall'] } })).toEqual([]);
    expect(plan({ gender: 'Woman' }, { ...counter.result, values: undefined }).notes).toEqual([]);
    expect(plan({ gender: 'Woman' }).notes).toEqual([]);
  });

  it('once each, five at most, and of long ones the beginning', () => {
    const many = notes({ gender: { in: ['a1', 'a1', ...Array.from({ length: 20 }, (_, i) => `b${i}`)] } });
    expect(many).toHaveLength(6);
    expect(many.at(-1)).toBe(`Nor has any product 16 other values of the condition.${seeded}`);
    expect(notes({ season: 'x'.repeat(10_000) })[0]?.length).toBeLessThan(250);
  });

  it('below its line, where it is printed', () => {
    const [line, note] = inspect(plan({ gender: 'Woman' }, counter.result)).split('\n');
    expect([line, note]).toEqual([expect.stringMatching(/^scan, 1,200 of /), expect.stringMatching(/^No product/)]);
  });
});

describe('a catalogue', () => {
  let server: TestServer;
  let aws: Aws;
  let catalogue: Catalogue;
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const said = () => warned.mock.calls.flat();
  let names: Record<string, string>;

  beforeAll(async () => {
    server = await testServer();
    names = { ...server.env, ML_PIPELINE_TABLE: uniqueName('values'), ML_PIPELINE_BUCKET: uniqueName('values') };
    aws = clients({ env: names });
    await seedCatalogue(aws, sampleSource({ products: 60 }));
    catalogue = new Catalogue(aws);
  });
  afterEach(() => warned.mockClear());
  afterAll(async () => {
    warned.mockRestore();
    aws.close();
    await server.close();
  });

  it('lists the values of a field with their counts', async () => {
    const products = await catalogue.query({}).toArray();
    const seasons = await catalogue.values('season');
    for (const { value, products: number } of seasons)
      expect(products.filter(({ season }) => season === value)).toHaveLength(number);
    expect(seasons.map(({ products }) => products)).toEqual(
      seasons.map(({ products }) => products).sort((a, b) => b - a),
    );
    const years: { value: number }[] = await catalogue.values('year');
    expect(new Set(years.map(({ value }) => value))).toEqual(new Set(products.flatMap(({ year }) => year ?? [])));
    await expect(catalogue.values('saison' as 'season')).rejects.toMatchObject({
      code: 'query.unknownField',
      message: expect.stringContaining("There is no field 'saison'."),
    });
  });

  it('says of a query which values do not exist, before it reads, and why a result is empty', async () => {
    const query = catalogue.query({ gender: 'Woman' });
    expect(await query.toArray()).toEqual([]);
    const note = `No product has gender 'Woman'. Did you mean 'Women'?${seeded}`;
    expect(said()).toEqual([note]);
    expect(query.notes).toEqual([note]);
    warned.mockClear();
    for await (const _ of catalogue.query({ gender: 'Men', year: 2012, not: { gender: 'Men' } })) expect.fail();
    expect(said()).toEqual([
      "No product has all of these at once: gender = 'Men' and year = 2012 and not (gender = 'Men').",
    ]);
    warned.mockClear();
    await catalogue.query({ year: { gt: 2100 } }).table();
    expect(said()).toEqual(['No product has year > 2100.']);
    warned.mockClear();
    const quiet = catalogue.query({ year: { gt: 2100 } }, { quiet: true });
    await quiet.toArray();
    expect(quiet.notes).toEqual(['No product has year > 2100.']);
    expect(await catalogue.query({ gender: 'Men' }).toArray()).not.toEqual([]);
    await catalogue.query({}).first(3);
    for await (const _ of catalogue.query({ gender: 'Men' })) break;
    expect(said()).toEqual([]);
  });

  it('says it of a run, in its report, too', async () => {
    const { report } = await new Pipeline(aws).run({ where: { gender: 'Woman' }, folder: uniqueName('none') });
    expect(report).toMatchObject({ products: 0, notes: [expect.stringContaining("Did you mean 'Women'?")] });
    expect(said()).toEqual(report.notes);
  });

  it('says it on the command line, on stderr and as JSON', async () => {
    const where = ['--where', '{"gender":"Woman"}'];
    const note = `No product has gender 'Woman'. Did you mean 'Women'?${seeded}`;
    const explained = await run('query', [...where, '--explain', '--json'], names);
    expect(json(explained).notes).toEqual([note]);
    expect(explained.stderr).toContain(`${note}\n`);
    const exported = await run('query', [...where, '--to', uniqueName('none'), '--json'], names);
    expect(json(exported)).toMatchObject({ products: 0, notes: [note] });
    expect(exported.stderr).toContain(`${note}\n`);
  });

  it('whose statistics are of an earlier version reads as before, and says that seeding counts them', async () => {
    const key = `catalogue/${aws.table}.statistics.json`;
    const { values: _, ...before } = JSON.parse(Buffer.from(await getBytes(aws, key)).toString());
    await putBytes(aws, key, JSON.stringify(before), { type: 'application/json' });
    const old = new Catalogue(aws);
    expect((await old.explain({ gender: 'Woman' })).estimate).toBeDefined();
    await expect(old.values('season')).rejects.toMatchObject({
      code: 'catalogue.noValues',
      message: expect.stringContaining('Seed the catalogue again'),
    });
    await seedCatalogue(aws, sampleSource({ products: 60 }));
    expect(await old.values('season')).not.toEqual([]);
  });

  it('knows the values of products that a seeding has kept, though they are not in its source', async () => {
    await seedCatalogue(aws, sampleSource({ products: 5 }), { prune: false });
    const found = await catalogue.query({}).toArray();
    const counted = await catalogue.values('articleType');
    expect(found.length).toBe(60);
    expect(new Set(counted.map(({ value }) => value))).toEqual(new Set(found.map(({ articleType }) => articleType)));
  });
});
