import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { type Condition, parseCondition } from '../../src/catalogue/query/condition.js';
import { plan } from '../../src/catalogue/query/plan.js';
import { predicateText } from '../../src/catalogue/query/predicate-text.js';
import { itemBytes, toItem, toProduct } from '../../src/catalogue/store/items.js';
import { StatisticsCounter } from '../../src/catalogue/store/statistics.js';

const products: Product[] = Array.from({ length: 4000 }, (_, i) => ({
  id: i + 1,
  gender: i % 2 ? 'Men' : 'Women',
  masterCategory: i % 4 ? 'Apparel' : 'Footwear',
  subCategory: i % 8 ? 'Topwear' : 'Shoes',
  articleType: `Type ${i % 50}`,
  season: 'Fall',
  ...(i % 100 !== 0 && { year: 2008 + (i % 10) }),
}));

const counter = new StatisticsCounter('test');
for (const product of products) counter.add(product, toItem(product));
const statistics = counter.result;
const access = (condition: Condition) => plan(condition, statistics).access;

describe('the planner', () => {
  it.each<[Condition, string]>([
    [{ id: 5 }, 'table key'],
    [{ id: { in: [1, 2] }, gender: 'Men' }, 'table key'],
    [{ articleType: 'Type 3', gender: 'Men' }, 'index byArticleType'],
    [{ subCategory: 'Shoes', year: { gt: 2012 } }, 'index bySubCategory'],
    [{ gender: 'Women', masterCategory: 'Footwear', year: 2012 }, 'index byGenderMasterCategory'],
    [{ and: [{ articleType: 'Type 3' }, { year: 2011 }] }, 'index byArticleType'],
    [{ season: 'Fall' }, 'scan'],
    [{ gender: 'Men' }, 'scan'],
    [{ or: [{ articleType: 'Type 3' }, { articleType: 'Type 4' }] }, 'scan'],
    [{ not: { articleType: 'Type 3' } }, 'scan'],
    [{}, 'scan'],
  ])('reads %j by %s', (condition, expected) => {
    expect(access(condition)).toBe(expected);
  });

  it('takes the cheaper of two indexes', () => {
    expect(access({ subCategory: 'Topwear', articleType: 'Type 3' })).toBe('index byArticleType');
    expect(
      access({ subCategory: 'Shoes', articleType: { in: products.slice(0, 50).map((_, i) => `Type ${i}`) } }),
    ).toBe('index bySubCategory');
  });

  it('prefers a scan to an index that would read nearly everything', () => {
    expect(access({ subCategory: { in: ['Topwear', 'Shoes', 'Bags', 'Belts'] } })).toBe('scan');
  });

  it('reads nothing where the tests contradict each other', () => {
    const { path } = plan({ subCategory: 'Shoes', year: { gt: 2012, lt: 2012 } }, statistics);
    expect(path).toMatchObject({ access: 'index', ranges: [] });
    expect(plan({ articleType: { eq: 'Type 1', in: ['Type 2'] } }, statistics).path).toMatchObject({ ranges: [] });
  });

  it('narrows an index to the years, and leaves the rest to a filter', () => {
    const { path, filter } = plan({ subCategory: 'Shoes', gender: 'Men', year: { gt: 2012, lte: 2015.5 } }, statistics);
    expect(path).toMatchObject({ ranges: [{ partition: 'Shoes', sortKeys: ['2012$', '2015.5$'] }] });
    expect(filter).toEqual({ kind: 'test', field: 'gender', operator: 'eq', value: 'Men' });
  });

  it('keeps products without a year where no test is about the year', () => {
    const { path, estimate } = plan({ articleType: 'Type 0' }, statistics);
    expect(path).toMatchObject({ ranges: [{ partition: 'Type 0' }] });
    expect(path).not.toHaveProperty('ranges.0.sortKeys');
    expect(estimate?.productsRead).toBe(products.filter(({ articleType }) => articleType === 'Type 0').length);
  });

  it('estimates the products read exactly', () => {
    const { estimate } = plan({ subCategory: 'Shoes', year: { between: [2010, 2012] }, gender: 'Women' }, statistics);
    const read = products.filter(
      ({ subCategory, year }) => subCategory === 'Shoes' && year !== undefined && year >= 2010 && year <= 2012,
    );
    expect(estimate).toMatchObject({ productsRead: read.length, products: 4000 });
  });

  it('never filters by the key of the index it reads, which DynamoDB refuses', () => {
    const { access: path, filter } = plan(
      { subCategory: 'Shoes', or: [{ subCategory: 'Bags' }, { gender: 'Men' }] },
      statistics,
    );
    expect(path).toBe('scan');
    expect(filter).toMatchObject({ kind: 'and' });
  });

  it('takes the most selective index that fits where there are no statistics', () => {
    expect(plan({ subCategory: 'Shoes', articleType: 'Type 3' }).access).toBe('index byArticleType');
    expect(String(plan({ season: 'Fall' }))).toMatch(/^scan \(no statistics/);
  });

  it('says which access paths there are, and what each would cost', () => {
    const { candidates, estimate } = plan({ subCategory: 'Shoes', articleType: 'Type 3', gender: 'Men' }, statistics);
    expect(candidates.map(({ access, fits }) => [access, fits])).toEqual([
      ['table key', false],
      ['index byArticleType', true],
      ['index bySubCategory', true],
      ['index byGenderMasterCategory', false],
      ['scan', true],
    ]);
    expect(candidates.map(({ estimate }) => estimate?.productsRead)).toEqual([undefined, 80, 500, undefined, 4000]);
    expect(candidates[1]?.estimate).toEqual(estimate);
  });

  it('has what is left to filter in words', () => {
    const condition: Condition = {
      gender: 'Men',
      or: [{ year: { gt: 2012, lte: 2015 } }, { season: { exists: false } }],
      not: { usage: { in: ['Casual', 'Sports'] } },
      productDisplayName: { beginsWith: 'Nike' },
      id: { between: [1, 9] },
    };
    expect(predicateText(parseCondition(condition))).toBe(
      "gender = 'Men' and ((year > 2012 and year ≤ 2015) or season is blank) and not (usage in 'Casual', " +
        "'Sports') and productDisplayName begins with 'Nike' and id from 1 to 9",
    );
    expect(predicateText(parseCondition({}))).toBe('');
  });

  it('leaves to DynamoDB what it takes of a filter, and says what is filtered here', () => {
    const suspects = Array.from({ length: 1200 }, (_, i) => i + 1);
    const condition: Condition = {
      gender: 'Men',
      not: { id: { in: suspects } },
      or: [{ year: 2010 }, { season: 'Fall', or: [{ year: 2011 }, { usage: 'Sports' }] }],
    };
    const found = plan(condition, statistics);
    expect(found.access).toBe('scan');
    expect(predicateText(found.filteredByDynamo)).toBe(
      "gender = 'Men' and (year = 2010 or (season = 'Fall' and (year = 2011 or usage = 'Sports')))",
    );
    expect(String(found)).toMatch(
      /^scan, .*; too long for DynamoDB, so filtered here: not \(id in 1, 2, .*, 10, … \(1,200 in all\)\)$/,
    );
    expect(String(plan({ gender: 'Men' }, statistics))).not.toContain('filtered here');
  });

  it('filters here what is nested so deep that the emulator would be long about it', () => {
    const deep = (levels: number): Condition =>
      levels === 0 ? { year: 2010 } : { season: 'Fall', or: [{ usage: 'Sports' }, deep(levels - 1)] };
    expect(predicateText(plan(deep(2), statistics).filteredHere)).toBe('');
    const { filteredByDynamo, filteredHere } = plan(deep(3), statistics);
    expect(predicateText(filteredByDynamo)).toBe("season = 'Fall'");
    expect(predicateText(filteredHere)).toContain("(usage = 'Sports' or (season");
  });

  it('asks DynamoDB for no number that it cannot hold, and for no key that is too long', () => {
    expect(predicateText(plan({ year: { lt: 1e200 }, gender: 'Men' }, statistics).filteredHere)).toBe('year < 1e+200');
    expect(plan({ id: { in: [5, 1e200] } }, statistics).path).toMatchObject({ ids: [5] });
    expect(plan({ articleType: { in: ['Type 1', 'x'.repeat(3000)] } }, statistics).path).toMatchObject({
      ranges: [{ partition: 'Type 1' }],
    });
  });

  it('prints as one line', () => {
    expect(String(plan({ subCategory: 'Shoes' }, statistics))).toMatch(
      /^index bySubCategory, 500 of 4,000 products read, [\d.,]+ read units \(a scan: [\d.,]+\)$/,
    );
  });
});

describe('an item', () => {
  it('gives back the product that it was made of', () => {
    for (const product of products.slice(0, 200)) expect(toProduct(toItem(product))).toEqual(product);
  });

  it('has a sort key that orders by year, then id', () => {
    const key = (product: Product) => String(Object.values(toItem(product).yearId ?? {})[0]);
    expect(
      [
        { id: 9, year: 2012 },
        { id: 10, year: 2012 },
        { id: 1, year: 2013 },
      ].map(key),
    ).toEqual(['2012#0000000009', '2012#0000000010', '2013#0000000001']);
    expect(key({ id: 1 }) < key({ id: 1, year: 0 })).toBe(true);
  });

  it('is charged by its names and values in UTF-8', () => {
    expect(itemBytes({ ab: { S: 'é' }, n: { N: '2012' } })).toBe(2 + 2 + 1 + 3);
  });
});
