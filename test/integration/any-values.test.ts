import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { clients } from '../../src/aws/clients.js';
import {
  byId,
  Catalogue,
  type Condition,
  defineSchema,
  folderSource,
  imageName,
  plan,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { matches } from '../../src/catalogue/query/predicate.js';
import { read } from '../../src/catalogue/query/read.js';
import { nearDuplicates, score } from '../../src/curation/index.js';
import { loadModel } from '../../src/model/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { expectSameAsDirect } from '../pipeline/queue/setup.js';
import { errorLine, run } from '../scripts/script.js';
import { uniqueName } from '../server.js';
import { filesOf } from './shared.js';

const shop = defineSchema({
  id: 'string',
  fields: { type: 'string', price: 'number', since: 'date', sold: 'boolean', tags: 'string[]' },
  indexes: [['type']],
  sort: 'price',
});
type Item = NonNullable<typeof shop.product>;

const own = { table: uniqueName('shop'), bucket: uniqueName('shop') };
const env = {
  ...inject('env'),
  ML_PIPELINE_TABLE: own.table,
  ML_PIPELINE_BUCKET: own.bucket,
  ML_PIPELINE_STACK: uniqueName('stack'),
};
Object.assign(process.env, env);
const aws = clients();

/** In the order in which the kit lists them. */
const ids = [
  ' 7',
  '#1 (new) + 5%',
  '0108775015',
  '07',
  '15970',
  '15970_0',
  '7',
  'CON',
  'JK-0815',
  'JK-0815/a',
  'a'.repeat(200),
  'e\u0301',
  'images/../x',
  'jk-0815',
  'x"y,z',
  '\u00e9',
  '日本語',
  '😀'.repeat(200),
];
let folder: string;

/** A date, or a time that its zone moves to another day. */
const sinceOf = (i: number) => (i % 2 ? `2024-05-${10 + i}` : `2024-05-${10 + i}T23:30:00-01:00`);

/** A CSV with those ids, and an image of each in its own colour: some under their id, others under the kit's name. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shop-'));
  await mkdir(path.join(folder, 'images'));
  const lines = ['id,type,price,since,sold,tags'];
  for (const [i, id] of [...ids].reverse().entries()) {
    const image = sharp({ create: { width: 40, height: 50, channels: 3, background: { r: 12 * i, g: 90, b: 200 } } });
    const [name, data] = ['JK-0815', '07', '日本語'].includes(id)
      ? [`${id}.png`, await image.png().toBuffer()]
      : [imageName(id), await image.jpeg().toBuffer()];
    await writeFile(path.join(folder, 'images', name), data);
    lines.push(
      `"${id.replaceAll('"', '""')}",${i % 2 ? 'coat' : 'hat'},${i - 4.5},${sinceOf(i)},${i % 3 === 0},new|${i % 4}`,
    );
  }
  await writeFile(path.join(folder, 'shop.csv'), lines.join('\r\n'));
  const { id: idType, ...schema } = shop;
  await writeFile(path.join(folder, 'fields.json'), JSON.stringify({ ...schema, idType, rows: 'shop.csv' }));
  const { rows } = await seedCatalogue(aws, await folderSource(folder));
  expect(rows).toMatchObject({ read: ids.length, written: ids.length, reasons: [] });
});
afterAll(async () => {
  aws.close();
  await rm(folder, { recursive: true });
});

const pipeline = new Pipeline<Item>(aws);
const everything = { where: {}, folder: 'everything' };

describe('ids and values of any kind', () => {
  it('seeded again change nothing', async () => {
    const { rows, images } = await seedCatalogue(aws, await folderSource<Item>(folder));
    expect({ ...rows, ...images }).toMatchObject({ written: 0, unchanged: ids.length, put: 0, removed: 0 });
  });

  it('are found letter by letter, by key, by index and by a scan', async () => {
    const catalogue = await Catalogue.open<Item>(aws);
    for (const id of ids) {
      const found = catalogue.query({ id });
      expect(await found.toArray()).toMatchObject([{ id }]);
      expect((await found.plan).access).toBe('table key');
    }
    expect(
      (await catalogue.query({ id: { in: [...ids, 'gone', ''.padEnd(201, 'x')] } }).toArray()).map(({ id }) => id),
    ).toEqual(ids);
    expect(await catalogue.query({ id: 'É' }).toArray()).toEqual([]);
    // Without statistics, which would say that so small a table is scanned as cheaply.
    const byIndex = plan({ type: 'hat', price: { between: [-4.5, 99] } }, undefined, shop);
    expect(byIndex.access).toBe('index byType');
    const hats = [];
    for await (const { products } of read<Item>(aws, byIndex)) hats.push(...products.map(({ price }) => Number(price)));
    expect(hats).toEqual([-4.5, -2.5, -0.5, 1.5, 3.5, 5.5, 7.5, 9.5, 11.5]);
    expect((await catalogue.query({ id: { beginsWith: 'JK' } }).toArray()).map(({ id }) => id).sort()).toEqual([
      'JK-0815',
      'JK-0815/a',
    ]);
    // @ts-expect-error ids are texts
    expect(() => catalogue.query({ id: 7 })).toThrow("'id' is 7; it must be a text");
  });

  it.each<Condition<Item>>([
    { type: 'hat', price: { gt: -2.5, lte: 5.5 } },
    { type: 'coat', price: { lt: 0 } },
    { type: { in: ['hat', 'coat'] }, price: -0.5 },
    { since: { gte: '2024-05-15', lt: '2024-05-21' } },
    { since: '2024-05-13T00:30:00Z' },
    { sold: true, tags: { contains: '0' } },
    { sold: { in: [false] }, not: { tags: { contains: '1' } } },
    { type: { contains: 'oa' }, tags: { exists: true } },
    { id: { contains: '日' } },
  ])('answer %j as its definition says', async (condition) => {
    const catalogue = await Catalogue.open<Item>(aws);
    const all = await catalogue.query({}).toArray();
    const expected = all.filter((item) => matches(parseCondition(condition, shop), item));
    for (const statistics of [undefined, await catalogue.statistics()]) {
      const found: Item[] = [];
      for await (const { products } of read<Item>(aws, plan(condition, statistics, shop))) found.push(...products);
      expect(found.sort(byId)).toEqual(expected.sort(byId));
    }
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(ids.length);
  });

  it('are exported, augmented and labelled, each image with its own row', async () => {
    const dataset = await pipeline.run(everything, { formats: ['csv', 'jsonl'] });
    expect(dataset.rows.map(({ id }) => id)).toEqual(ids);
    const colours = new Map<unknown, number>();
    for await (const { row, data } of dataset.images()) {
      const [red = -1] = await sharp(data).resize(1, 1).raw().toBuffer();
      colours.set(row.id, red);
      expect(Math.abs(red - 12 * (Number(row.price) + 4.5))).toBeLessThan(4);
    }
    expect(colours.size).toBe(ids.length);
    const augmented = await pipeline.augment(dataset, [horizontalFlip()], { variants: 2 });
    expect(augmented.rows.map(({ id }) => id)).toEqual(ids.flatMap((id) => [id, id]));
    const model = await loadModel();
    const labelled = await pipeline.infer(dataset, model);
    expect(labelled.rows.map(({ id }) => id)).toEqual(ids);
    const scored = await score(model, dataset.rows, { data: (row) => dataset.image(row) });
    expect(scored.items.map(({ id }) => id)).toEqual(ids);
    const groups = await nearDuplicates(scored, { minSimilarity: 0.5 });
    expect(ids).toEqual(expect.arrayContaining(groups.flatMap(({ items }) => items.map(({ id }) => id))));
    model.dispose();
    expect((await pipeline.run(everything)).rows.map(({ id }) => id)).toEqual(ids);
  });

  it('go through the queues to the same bytes', async () => {
    const stop = new AbortController();
    const worker = runWorker(aws, queueHandler, { signal: stop.signal });
    try {
      const query = {
        ...everything,
        folder: uniqueName('queued'),
        augment: { transforms: [horizontalFlip()] },
        infer: true,
      };
      const job = await pipeline.run(query, { mode: 'queue', formats: ['csv'] });
      expect((await job.result()).report).toMatchObject({ exported: ids.length, augmented: ids.length, failed: 0 });
      expect(await filesOf(aws, query.folder)).toContain(`images/${imageName('JK-0815/a')}`);
      await expectSameAsDirect<Item>(aws, query, ['csv']);
    } finally {
      stop.abort();
      await worker;
    }
  });

  it('are left out where they are none, each with its reason', async () => {
    const other = path.join(folder, 'other.csv');
    const rows = [
      '7,hat,1',
      ',hat,2',
      '  ,hat,3',
      `${'x'.repeat(201)},hat,4`,
      '7,coat,5',
      '77,hat,6',
      '07,hat,1,31.5.',
    ];
    await writeFile(
      other,
      ['id,type,price,since,sold,tags', ...rows.map((row) => row.concat(','.repeat(6 - row.split(',').length)))].join(
        '\n',
      ),
    );
    const there = clients({ table: uniqueName('odd'), bucket: uniqueName('odd') });
    const { rows: summary } = await seedCatalogue(
      there,
      await folderSource(folder, { schema: shop, rows: 'other.csv' }),
    );
    expect(summary).toMatchObject({ read: 7, written: 1 });
    expect(summary.malformed.map(({ line, reason }) => `${line}: ${reason}`)).toContainEqual(
      expect.stringMatching(/^5: the id 'x{60}…' has 201 characters, of which an id has 200 at most/),
    );
    expect(summary.reasons.map(({ line, reason }) => `${line}: ${reason}`).sort()).toEqual([
      "3: the id '' is empty. Correct the row or remove it.",
      '6: the id 7 is in line 2 already. Remove one of the two rows.',
      '7: images/77.jpg does not exist',
      expect.stringMatching(/^8: the since '31\.5\.' is not a date of ISO 8601, such as 2024-05-31/),
    ]);
    there.close();
  });

  it('are not put into a table of numbers, nor numbers into one of texts', async () => {
    const numbers = { ...shop, id: 'number' as const };
    await expect(
      seedCatalogue(aws, {
        name: 'numbers',
        schema: numbers,
        image: async () => new Uint8Array(),
        async *products() {
          yield { id: 7 };
        },
      }),
    ).rejects.toMatchObject({ code: 'table.otherFields', message: expect.stringContaining('id (a text)') });
    await expect(
      seedCatalogue(aws, {
        name: 'numbers',
        schema: shop,
        image: async () => new Uint8Array(),
        async *products() {
          yield { id: 7 as never };
        },
      }),
    ).rejects.toMatchObject({ code: 'source.badId' });
  });

  it('are given to commands as they are', async () => {
    const similar = await run('curate', ['similar', folder, '--to', 'JK-0815', '--limit', '2', '--json'], env);
    expect(similar).toMatchObject({ status: 0 });
    const found = similar.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(found).toHaveLength(2);
    expect(ids).toEqual(expect.arrayContaining(found));
    expect(errorLine(await run('curate', ['similar', folder, '--to', 'jk'], env))).toContain('There is no product jk');
    const exported = await run(
      'query',
      ['--where', '{"id": {"in": ["07", "JK-0815/a"]}}', '--to', 'two', '--json'],
      env,
    );
    expect(JSON.parse(exported.stdout)).toMatchObject({ exported: 2 });
  });
});
