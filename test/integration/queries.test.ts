import { afterAll, describe, expect, inject, it, vi } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { Catalogue, type Condition, type Product } from '../../src/catalogue/index.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { Plan } from '../../src/catalogue/query/plan.js';
import { matches } from '../../src/catalogue/query/predicate.js';
import { read } from '../../src/catalogue/query/read.js';
import { queries } from '../../src/pipeline/index.js';
import { startProxy } from '../proxy.js';
import { sharedAws } from './shared.js';

const aws = sharedAws();
const catalogue = new Catalogue(aws);
afterAll(() => aws.close());

const byId = (products: readonly Product[]) => [...products].sort((a, b) => a.id - b.id);
const everything = catalogue.query({}).toArray();

/** What a scan with DynamoDB's own filter finds, whatever the planner would do. */
async function scanned(condition: Condition): Promise<{ products: Product[]; readUnits: number }> {
  const products: Product[] = [];
  let readUnits = 0;
  for await (const page of read(aws, new Plan({ access: 'scan' }, parseCondition(condition), undefined))) {
    products.push(...page.products);
    readUnits += page.readUnits;
  }
  return { products: byId(products), readUnits };
}

describe('queries', () => {
  it('that scan side by side with one signal give Node nothing to warn of', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    const { signal } = new AbortController();
    const [first, second] = await Promise.all(
      [1, 2].map(async () => byId(await catalogue.query({}, { signal }).toArray())),
    );
    expect(first).toEqual(second);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

describe('the named queries', () => {
  it.skipIf(inject('catalogue') === 'sample')('find 684, 214 and 0 products of the real catalogue', async () => {
    const counts = await Promise.all(
      Object.values(queries).map(async ({ where }) => (await catalogue.query(where).toArray()).length),
    );
    expect(counts).toEqual([684, 214, 0, 684, 684]);
  });

  it.each(Object.values(queries).slice(0, 3))('$name gives exactly what a scan gives', async ({ where }) => {
    const found = catalogue.query(where);
    const products = byId(await found.toArray());
    const scan = await scanned(where);
    expect(products).toEqual(scan.products);
    expect((await found.plan).access).not.toBe('scan');
    if (inject('catalogue') !== 'real') return;
    expect(found.readUnits).toBeGreaterThan(0);
    expect(found.readUnits).toBeLessThanOrEqual(0.05 * scan.readUnits);
  });

  it('cost what the plan expects of them', async () => {
    for (const { where } of Object.values(queries)) {
      const found = catalogue.query(where);
      await found.toArray();
      const { estimate } = await found.plan;
      expect(found.productsRead).toBe(estimate?.productsRead);
      expect(Math.abs(found.readUnits - (estimate?.readUnits ?? 0))).toBeLessThanOrEqual(0.1 * found.readUnits + 1);
    }
  });

  it('read the statistics once where they follow each other', async () => {
    const asked: (string | undefined)[] = [];
    const { endpoint, close } = await startProxy(aws.endpoint, ({ method, url }) => {
      // All of DynamoDB's requests are posts.
      if (method === 'GET') asked.push(url);
      return false;
    });
    const own = clients({ env: { ...inject('env'), AWS_ENDPOINT_URL: endpoint } });
    const catalogue = new Catalogue(own);
    for (const { where } of Object.values(queries)) {
      const query = catalogue.query(where);
      await query.toArray();
      expect(await query.plan).toMatchObject({ estimate: {} });
    }
    own.close();
    await close();
    expect(asked).toEqual([expect.stringContaining('statistics')]);
  });
});

describe('any condition', () => {
  it.each<Condition>([
    { season: 'Fall', gender: { in: ['Boys', 'Girls'] } },
    { subCategory: { in: ['Shoes', 'Watches'] }, baseColour: 'Black', year: { between: [2011, 2012] } },
    { articleType: { in: ['Heels', 'Belts'] }, not: { usage: 'Casual' } },
    {
      gender: { in: ['Men', 'Women'] },
      masterCategory: 'Footwear',
      or: [{ year: { lt: 2011 } }, { year: { gt: 2015 } }],
    },
    { productDisplayName: { beginsWith: 'P' }, season: { exists: true } },
    { usage: { exists: false } },
    { year: { exists: false } },
    { articleType: 'Tshirts', season: { exists: false } },
    { subCategory: 'Topwear', year: { lte: 2010 } },
    { subCategory: 'Shoes', or: [{ subCategory: 'Bags' }, { gender: 'Women' }] },
    { id: { gt: 50_000 }, baseColour: { gte: 'S', lt: 'T' } },
    { not: {} },
    { articleType: 'Heels', year: { in: [2011, 2016] } },
  ])('%j gives what its definition says, by whatever path', async (condition) => {
    const found = byId(await catalogue.query(condition).toArray());
    const predicate = parseCondition(condition);
    expect(found).toEqual(byId(await everything).filter((product) => matches(predicate, product)));
  });

  it('by ids reads those alone', async () => {
    const ids = (await everything).slice(0, 250).map(({ id }) => id);
    const found = catalogue.query({ id: { in: [...ids, 999_999_999] }, gender: 'Men' });
    const products = await found.toArray();
    expect(byId(products)).toEqual(
      byId(await everything).filter(({ id, gender }) => ids.includes(id) && gender === 'Men'),
    );
    expect(found.productsRead).toBe(250);
  });

  it('with a limit gives the same products each time, and reads no further', async () => {
    const limited = () => catalogue.query({ subCategory: 'Shoes' }, { limit: 7 });
    const first = limited();
    const products = await first.toArray();
    expect(products).toHaveLength(7);
    expect(first.productsRead).toBeLessThanOrEqual(7);
    expect(await limited().toArray()).toEqual(products);
    const scans = [
      catalogue.query({ season: 'Fall' }, { limit: 5 }),
      catalogue.query({ season: 'Fall' }, { limit: 5 }),
    ];
    const [one, other] = await Promise.all(scans.map((query) => query.toArray()));
    expect(one).toHaveLength(5);
    expect(other).toEqual(one);
  });

  it('with fields gives those and the id alone', async () => {
    const [product] = await catalogue
      .query({ subCategory: 'Shoes' }, { fields: ['year', 'season'], limit: 1 })
      .toArray();
    expect(Object.keys(product ?? {}).sort()).toEqual(['id', 'season', 'year']);
    const table = await catalogue.query({ id: product?.id ?? 0 }, { fields: ['gender'] }).table();
    expect(table.columnNames()).toEqual(['id', 'gender']);
  });

  it('stops at an abort', async () => {
    const stop = new AbortController();
    let seen = 0;
    const reading = (async () => {
      for await (const _product of catalogue.query({}, { signal: stop.signal })) if (++seen === 10) stop.abort();
    })();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toBe(10);
  });

  it('that is wrong is refused before anything is read', () => {
    expect(() => catalogue.query({ colour: 'Red' } as Condition)).toThrowError(
      expect.objectContaining({ code: 'condition.unknownField' }),
    );
    expect(() => catalogue.query({}, { limit: 0 })).toThrowError(expect.objectContaining({ code: 'query.badLimit' }));
    expect(() => catalogue.query({}, { fields: ['colour' as 'gender'] })).toThrowError(
      expect.objectContaining({ code: 'query.unknownField' }),
    );
  });
});
