import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';
import { putBytes } from '../../src/aws/put-object.js';
import {
  Catalogue,
  type CatalogueSource,
  defineSchema,
  type Entry,
  folderSource,
  readSchema,
  type Schema,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { matches } from '../../src/catalogue/query/predicate.js';
import { connect } from '../../src/connect.js';
import { loadModel } from '../../src/model/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { sampleSource } from '../../src/sample/index.js';
import { expectSameAsDirect } from '../pipeline/queue/setup.js';
import { errorLine, json, run } from '../scripts/script.js';
import { uniqueName } from '../server.js';
import { filesOf, textOf } from './shared.js';

const leaves = defineSchema({
  fields: { species: 'string', site: 'string', height: 'number', weight: 'number' },
  indexes: [['site', 'species'], ['species']],
  sort: 'height',
});
type Leaf = NonNullable<typeof leaves.product>;

// The handlers find their clients by the environment, as in Lambda.
const own = { table: uniqueName('leaves'), bucket: uniqueName('leaves') };
const env = {
  ...inject('env'),
  ML_PIPELINE_TABLE: own.table,
  ML_PIPELINE_BUCKET: own.bucket,
  ML_PIPELINE_STACK: uniqueName('stack'),
};
Object.assign(process.env, env);
const aws = clients();
let folder: string;
let source: CatalogueSource<Leaf>;

/** 60 leaves, every fifth of no known species: a CSV, and an image of each in its own colour. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leaves-'));
  await mkdir(path.join(folder, 'images'));
  const lines = ['photo,id,species,site,height,weight'];
  for (let id = 1; id <= 60; id++) {
    const image = sharp({ create: { width: 40, height: 50, channels: 3, background: { r: 4 * id, g: 160, b: 40 } } });
    await image.png().toFile(path.join(folder, 'images', `leaf ${id}.png`));
    lines.push(
      [`leaf ${id}.png`, id, id % 5 === 0 ? '' : ['oak', 'elm', 'birch'][id % 3], `site#${id % 4}`, id, id / 8].join(),
    );
  }
  await writeFile(path.join(folder, 'leaves.csv'), lines.join('\n'));
  await writeFile(path.join(folder, 'fields.json'), JSON.stringify({ ...leaves, rows: 'leaves.csv', image: 'photo' }));
  source = await folderSource(folder, { schema: leaves, rows: 'leaves.csv', image: 'photo' });
  await seedCatalogue(aws, source);
});
afterAll(async () => {
  aws.close();
  await rm(folder, { recursive: true });
});

const heights = { where: { species: 'oak', height: { between: [10, 40] } }, folder: 'middling_oaks' } as const;

describe('a catalogue of one’s own fields', () => {
  it('seeded again changes nothing', async () => {
    const { rows, images } = await seedCatalogue(aws, source);
    expect({ rows: { read: rows.read, written: rows.written, unchanged: rows.unchanged }, put: images.put }).toEqual({
      rows: { read: 60, written: 0, unchanged: 60 },
      put: 0,
    });
  });

  it('is read by whoever connects, with its fields and no others', async () => {
    const { catalogue, close } = await connect<Leaf>(own);
    expect(catalogue.schema.fields).toEqual(leaves.fields);
    expect(String(await catalogue.explain({ species: 'oak', height: { lt: 10 } }))).toMatch(
      /^index bySpecies, \d of 60 products read/,
    );
    const table = await catalogue.query({ species: 'elm' }).table();
    expect(table.columnNames()).toEqual(['id', 'species', 'site', 'height', 'weight', 'imagePath']);
    expect(await catalogue.query({ id: 4 }, { fields: ['site'] }).toArray()).toEqual([{ id: 4, site: 'site#0' }]);
    // @ts-expect-error no field of leaves
    expect(() => catalogue.query({ gender: 'Men' })).toThrowError(
      expect.objectContaining({
        code: 'condition.unknownField',
        message: expect.stringContaining('id, species, site'),
      }),
    );
    close();
  });

  it.each([
    { species: 'oak', height: { gte: 20, lt: 50 } },
    { site: 'site#1', species: { in: ['oak', 'elm'] } },
    { site: 'site#1', species: 'oak', height: 21 },
    { species: { exists: false } },
    { species: 'birch', weight: { gt: 3.5 } },
    { or: [{ height: { lt: 5 } }, { weight: 7.5 }] },
  ])('answers %j as its definition says, by whatever path', async (condition) => {
    const catalogue = await Catalogue.open<Leaf>(aws);
    const all = await catalogue.query({}).toArray();
    const found = catalogue.query(condition);
    const ids = (await found.toArray()).map(({ id }) => id).sort((a, b) => a - b);
    const predicate = parseCondition(condition, leaves);
    expect(ids).toEqual(
      all
        .filter((leaf) => matches(predicate, leaf))
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    );
    expect(ids.length).toBeGreaterThan(0);
    expect(found.productsRead).toBe((await found.plan).estimate?.productsRead);
  });

  it('says how its file was read, what was missing, and why rows were left out', async () => {
    const there = clients({ table: uniqueName('told'), bucket: uniqueName('told') });
    const other = path.join(folder, 'other.csv');
    const rows = ['id;photo;species;site;height;weight', '1.0;leaf 1.png;;NA;7.0;nan', '2;leaf 2.png;oak;x;y;1'];
    await writeFile(other, [...rows, '3;gone.png;oak;x;1;1', '4;leaf 4.png;oak;x;2;1'].join('\n'));
    const told = await folderSource(folder, { schema: leaves, rows: 'other.csv', image: 'photo' });
    const { rows: summary, file } = await seedCatalogue(there, told);
    expect(summary).toMatchObject({ read: 4, written: 2, withoutImage: 1, malformed: [{ line: 3 }] });
    expect(summary.reasons).toMatchObject([
      { rows: 1, line: 3, code: 'source.badNumber', reason: expect.stringContaining("the height 'y' is not") },
      { rows: 1, line: 4, code: 'source.noImage', reason: 'images/gone.png does not exist' },
    ]);
    expect(file).toMatchObject({ encoding: 'utf-8', separator: ';', missing: { species: 1, weight: 1 } });
    expect(await new Catalogue<Leaf>(there, leaves).query({ id: 1 }).toArray()).toMatchObject([
      { id: 1, site: 'NA', height: 7 },
    ]);
    const strict = await folderSource(folder, { schema: leaves, rows: 'other.csv', image: 'photo', strict: true });
    await expect(seedCatalogue(there, strict)).rejects.toMatchObject({ code: 'source.badNumber' });
    there.close();
  });

  it('keeps what the source does not have on a real account, unless it is asked to remove it', async () => {
    const mock = clients({ table: uniqueName('shop'), bucket: uniqueName('shop') });
    const account = { ...mock, real: true };
    await seedCatalogue(mock, sampleSource({ products: 6 }));
    await putBytes(mock, 'images/logo.jpg', new Uint8Array(3), { type: 'image/jpeg' });
    const kept = await seedCatalogue(account, sampleSource({ products: 4 }));
    expect([kept.rows.removed, kept.images.removed, kept.notInSource]).toEqual([0, 0, 2]);
    expect(await new Catalogue(mock).query({}).toArray()).toHaveLength(6);
    expect((await getBytes(mock, 'images/logo.jpg')).length).toBe(3);
    const pruned = await seedCatalogue(account, sampleSource({ products: 4 }), { prune: true });
    expect([pruned.rows.removed, pruned.images.removed, pruned.notInSource]).toEqual([2, 3, 0]);
    mock.close();
  });

  it('is not taken for another: both are named, and nothing is changed', async () => {
    const trees = defineSchema({ fields: { kind: 'string' }, indexes: [['kind']] });
    const other: CatalogueSource<NonNullable<typeof trees.product>> = {
      name: 'trees',
      schema: trees,
      image: source.image,
      async *products() {
        yield { id: 1, kind: 'oak' };
      },
    };
    const both = {
      code: 'table.otherFields',
      message: expect.stringMatching(
        /species, site, height \(a number\).*sorted by height.*kind; indexes: kind.*--recreate/,
      ),
    };
    await expect(seedCatalogue(aws, other)).rejects.toMatchObject(both);
    await expect(connect({ ...own, schema: trees })).rejects.toMatchObject(both);
    await expect(seedCatalogue(aws, sampleSource({ products: 5 }))).rejects.toMatchObject({
      code: 'table.otherFields',
      message: expect.stringContaining('not those of the fashion catalogue'),
    });
    expect(await (await Catalogue.open(aws)).statistics()).toMatchObject({ products: 60 });
    await expect(connect({ table: own.table, bucket: uniqueName('nowhere'), schema: trees })).rejects.toMatchObject({
      code: 'aws.bucketMissing',
    });
    const elsewhere = clients({ table: uniqueName('trees'), bucket: own.bucket });
    await expect(seedCatalogue(elsewhere, other)).rejects.toMatchObject({
      code: 'table.bucketTaken',
      message: expect.stringContaining(own.table),
    });
    elsewhere.close();
  });

  it('grows by a field where it is seeded with one more, and no image is put again', async () => {
    const place = clients({ table: uniqueName('grown'), bucket: uniqueName('grown') });
    await seedCatalogue(place, source);
    const wider: Schema = { ...leaves, fields: { ...leaves.fields, veins: 'number' } };
    const grown: CatalogueSource<Entry> = {
      ...source,
      schema: wider,
      async *products(signal) {
        for await (const leaf of source.products(signal))
          yield leaf.id === 7 ? Object.assign(leaf, { veins: 5 }) : leaf;
      },
    };
    const { rows, images } = await seedCatalogue(place, grown);
    expect([rows.written, rows.unchanged, images.put, images.unchanged]).toEqual([1, 59, 0, 60]);
    const catalogue = await Catalogue.open<Leaf & { veins?: number }>(place);
    expect(Object.keys(catalogue.schema.fields)).toEqual([...Object.keys(leaves.fields), 'veins']);
    expect(await catalogue.query({ veins: { exists: true } }).toArray()).toMatchObject([{ id: 7, veins: 5 }]);
    // A field less, another type or order is another schema.
    const { weight: _, ...fewer } = leaves.fields;
    const others: Schema[] = [
      { ...leaves, fields: fewer },
      { ...wider, fields: { ...wider.fields, veins: 'string' } },
      { ...wider, sort: 'veins' },
      { ...wider, id: 'string' },
    ];
    for (const schema of others)
      await expect(seedCatalogue(place, { ...source, schema } as CatalogueSource<Entry>)).rejects.toMatchObject({
        code: 'table.otherFields',
      });
    place.close();
  });

  it('can take the place of another, and have no index at all', async () => {
    const place = clients({ table: uniqueName('place'), bucket: uniqueName('place') });
    const plain = defineSchema({ fields: { colour: 'string' } });
    await seedCatalogue(place, sampleSource({ products: 5 }));
    const colours: CatalogueSource<NonNullable<typeof plain.product>> = {
      name: 'colours',
      schema: plain,
      image: source.image,
      async *products() {
        yield { id: 3, colour: 'green' };
      },
    };
    await seedCatalogue(place, colours, { recreate: true });
    expect(await readSchema(place)).toMatchObject({ fields: { colour: 'string' }, indexes: [] });
    expect(await (await Catalogue.open(place)).query({}).toArray()).toEqual([
      { id: 3, colour: 'green', imagePath: `s3://${place.bucket}/images/3.png` },
    ]);
    const images = [];
    for await (const { key } of list(place, 'images/')) images.push(key);
    expect(images).toEqual(['images/3.png']);
    place.close();
  });
});

describe('a run on it', () => {
  it('exports its columns, in their order, and names them in the manifest', async () => {
    const oaks = await new Pipeline<Leaf>(aws).run(heights, { formats: ['csv'] });
    expect(oaks.rows.map((row) => Object.keys(row).join())).toEqual(
      oaks.rows.map(() => 'id,species,site,height,weight,imagePath'),
    );
    expect(oaks.rows[0]).toEqual({
      id: 12,
      species: 'oak',
      site: 'site#0',
      height: 12,
      weight: 1.5,
      imagePath: `s3://${own.bucket}/middling_oaks/images/12.png`,
    });
    expect((await textOf(aws, 'middling_oaks/metadata.csv')).split('\n')[0]).toBe(
      'id,species,site,height,weight,imagePath',
    );
    expect(oaks.manifest.columns).toEqual(['id', 'species', 'site', 'height', 'weight', 'imagePath']);
    const none = await new Pipeline<Leaf>(aws).run({ where: { species: 'ash' }, folder: 'ashes' });
    expect(none.metadata.columnNames()).toEqual(oaks.manifest.columns);
  });

  it('is augmented, and labelled by any model, beside the labels that there are', async () => {
    const pipeline = new Pipeline<Leaf>(aws);
    const oaks = await pipeline.run(heights);
    const augmented = await pipeline.augment(oaks, [horizontalFlip()]);
    expect(augmented.rows[0]).toMatchObject({ species: 'oak', variant: 0 });
    const model = await loadModel();
    const [row] = (await pipeline.infer(oaks, model)).rows;
    model.dispose();
    expect(row).toMatchObject({ species: 'oak', seasonPredicted: expect.any(String) });
    expect(row).not.toHaveProperty('season');
  });

  it('through the queues gives the same bytes', async () => {
    const stop = new AbortController();
    const worker = runWorker(aws, queueHandler, { signal: stop.signal });
    try {
      const query = {
        ...heights,
        folder: uniqueName('queued'),
        augment: { transforms: [horizontalFlip()] },
        infer: true,
      };
      const job = await new Pipeline<Leaf>(aws).run(query, { mode: 'queue', formats: ['csv'] });
      expect((await job.result()).report).toMatchObject({ exported: 8, augmented: 8, inferred: 8, failed: 0 });
      expect(await filesOf(aws, query.folder)).toContain('metadata.csv');
      await expectSameAsDirect<Leaf>(aws, query, ['csv']);
    } finally {
      stop.abort();
      await worker;
    }
  }, 240_000);
});

describe('on the command line', () => {
  const where = JSON.stringify(heights.where);

  it('a folder with a fields.json is seeded, explained and exported', async () => {
    const there = { ...env, ML_PIPELINE_TABLE: uniqueName('cli'), ML_PIPELINE_BUCKET: uniqueName('cli') };
    const seeded = await run('seed', ['--dataset', folder], there);
    expect(seeded).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/60 written.*\n(.*\n)*Next: npx zx scripts\/query\.mjs --where '\{\}' --explain/),
    });
    expect(json(await run('query', ['--where', where, '--explain', '--json'], there))).toMatchObject({
      access: 'index bySpecies',
    });
    expect(json(await run('query', ['--where', where, '--to', 'oaks', '--json'], there))).toMatchObject({
      exported: 8,
    });
    expect(errorLine(await run('query', ['--where', '{"specie": "oak"}', '--explain'], there))).toContain(
      "There is no field 'specie'. Did you mean 'species'?",
    );
  }, 240_000);
});
