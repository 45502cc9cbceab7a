import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import {
  Catalogue,
  type CatalogueSource,
  defineSchema,
  folderSource,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { itemFault } from '../../src/catalogue/store/limits.js';
import { sampleSource } from '../../src/sample/index.js';
import { startProxy } from '../proxy.js';
import { testServer, uniqueName } from '../server.js';

const schema = defineSchema({
  fields: { kind: 'string', site: 'string', note: 'string', weight: 'number' },
  indexes: [['kind'], ['site', 'kind']],
});
type Thing = NonNullable<typeof schema.product>;
const server = await testServer();
const names = { table: uniqueName('limits'), bucket: uniqueName('limits') };
const aws = clients({ ...names, env: server.env });
let folder: string;
let jpeg: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'limits-'));
  await mkdir(path.join(folder, 'images'));
  jpeg = await sampleSource({ products: 1 }).image(1000001);
  for (let id = 1; id <= 40; id++) await writeFile(path.join(folder, 'images', `${id}.jpg`), jpeg);
});
afterAll(async () => {
  aws.close();
  await server.close();
  await rm(folder, { recursive: true });
});

/** A source of things, as a program makes one. */
const sourceOf = (things: readonly Thing[]): CatalogueSource<Thing> => ({
  name: 'things',
  schema,
  async *products() {
    yield* things;
  },
  image: async () => jpeg,
});

describe('what DynamoDB would refuse', () => {
  it.each<[Partial<Thing>, RegExp | undefined]>([
    [{ kind: 'x'.repeat(2048) }, undefined],
    [{ kind: 'é'.repeat(1025) }, /^kind has 2,050 bytes, of which an index of DynamoDB takes 2,048\. Shorten/],
    [{ kind: 'a', site: '#'.repeat(700) }, /^site and kind have 2,102 bytes/],
    [{ site: 'x'.repeat(3000) }, undefined],
    [{ note: 'x'.repeat(409_000) }, undefined],
    [
      { note: 'x'.repeat(409_590) },
      /^its values and keys have 409,\d+ bytes.*409,600; note alone has 409,590\. Shorten/,
    ],
  ])('is found by its size (%#)', (values, reason) => {
    const fault = itemFault({ id: 5, ...values }, schema);
    if (reason) expect(fault?.reason).toMatch(reason);
    else expect(fault).toBeUndefined();
  });

  it('is left out of a folder, and named by its row and field; the rest is seeded', async () => {
    const lines = ['id,kind,site,note,weight'];
    for (let id = 1; id <= 40; id++) lines.push(`${id},${id === 3 ? 'k'.repeat(3000) : 'oak'},north,,${id}`);
    lines[30] = '30,oak,north,,1e200';
    await writeFile(path.join(folder, 'styles.csv'), lines.join('\n'));
    const { rows, images } = await seedCatalogue(aws, await folderSource(folder, { schema }));
    expect(rows).toMatchObject({ read: 40, written: 38 });
    expect(images).toMatchObject({ put: 38, failed: [] });
    expect(rows.malformed).toMatchObject([
      { line: 4, code: 'source.longKey', reason: expect.stringContaining('kind has 3,000 bytes') },
      { line: 31, code: 'source.badNumber', reason: expect.stringContaining("the weight '1e200'") },
    ]);
    const catalogue = new Catalogue<Thing>(aws, schema);
    expect(await catalogue.statistics()).toMatchObject({ products: 38 });
  });

  it('stops a seeding by a program before anything is written: what was there stands, statistics too', async () => {
    const before = await new Catalogue(aws, schema).statistics();
    const good = Array.from({ length: 60 }, (_, i): Thing => ({ id: i + 100, kind: 'new' }));
    for (const [bad, message] of [
      [{ id: 500, kind: 'k'.repeat(3000) }, /^The product 500 cannot be stored: kind has 3,000 bytes/],
      [{ id: 501, weight: 1e200 }, /^The product 501 has 1e\+200 as weight/],
    ] as const)
      await expect(seedCatalogue(aws, sourceOf([...good, bad]))).rejects.toThrowError(message);
    const catalogue = new Catalogue<Thing>(aws, schema);
    expect(await catalogue.query({ kind: 'new' }).toArray()).toEqual([]);
    expect(await catalogue.query({}).toArray()).toHaveLength(38);
    expect(await catalogue.statistics()).toEqual(before);
  });
});

describe('a seeding that ends in the middle', () => {
  it('takes nothing away: rows, images and statistics are those of before, or new ones', async () => {
    const before = await new Catalogue(aws, schema).statistics();
    let writes = 0;
    const proxy = await startProxy(server.endpoint, ({ headers, socket }) => {
      if (!String(headers['x-amz-target']).endsWith('BatchWriteItem') || ++writes < 2) return false;
      socket.destroy();
      return true;
    });
    const cut = clients({ ...names, env: { ...server.env, AWS_ENDPOINT_URL: proxy.endpoint } });
    const things = Array.from({ length: 40 }, (_, i): Thing => ({ id: i + 1, kind: 'elm' }));
    await expect(seedCatalogue(cut, sourceOf(things), { prune: true })).rejects.toThrow();
    cut.close();
    await proxy.close();
    const catalogue = new Catalogue<Thing>(aws, schema);
    expect((await catalogue.query({}).toArray()).length).toBeGreaterThanOrEqual(38);
    expect(await catalogue.statistics()).toEqual(before);
    await seedCatalogue(aws, sourceOf(things));
    expect(await catalogue.query({ kind: 'elm' }).toArray()).toHaveLength(40);
  });
});

describe('half of each batch left unprocessed', () => {
  it('slows a seeding down, and does not end it', async () => {
    let requests = 0;
    const proxy = await startProxy(server.endpoint, (request, response) => {
      if (!String(request.headers['x-amz-target']).endsWith('BatchWriteItem')) return false;
      requests++;
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', async () => {
        const body = JSON.parse(Buffer.concat(parts).toString());
        const [table = '', items = []] = Object.entries<unknown[]>(body.RequestItems)[0] ?? [];
        // Of a single item every other time nothing is processed.
        const processed = items.slice(0, Math.floor(items.length / 2) || requests % 2);
        if (processed.length > 0)
          await fetch(server.endpoint, {
            method: 'POST',
            headers: Object.entries(request.headers).flatMap(([name, value]) =>
              ['host', 'content-length', 'connection'].includes(name)
                ? []
                : [[name, String(value)] as [string, string]],
            ),
            body: JSON.stringify({ RequestItems: { [table]: processed } }),
          });
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'r' });
        const left = items.slice(processed.length);
        response.end(JSON.stringify({ UnprocessedItems: left.length > 0 ? { [table]: left } : {} }));
      });
      return true;
    });
    const throttled = clients({ ...names, env: { ...server.env, AWS_ENDPOINT_URL: proxy.endpoint } });
    const things = Array.from({ length: 120 }, (_, i): Thing => ({ id: i + 1000, kind: 'beech' }));
    const { rows } = await seedCatalogue(throttled, sourceOf(things), { prune: false });
    throttled.close();
    await proxy.close();
    expect(rows.written).toBe(120);
    expect(requests).toBeGreaterThan(20);
    expect(await new Catalogue<Thing>(aws, schema).query({ kind: 'beech' }).toArray()).toHaveLength(120);
  });
});
