import { describe, expect, it } from 'vitest';
import { fashion } from '../../src/catalogue/product.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { type Plan, plan } from '../../src/catalogue/query/plan.js';
import { defineSchema, parseSchema, sameSchema } from '../../src/catalogue/schema.js';
import { toItem, toProduct } from '../../src/catalogue/store/items.js';
import { StatisticsCounter } from '../../src/catalogue/store/statistics.js';

const leaves = defineSchema({
  fields: { species: 'string', site: 'string', height: 'number', weight: 'number' },
  indexes: [['site', 'species'], ['species']],
  sort: 'height',
});
type Leaf = NonNullable<typeof leaves.product>;
const leaf: Leaf = { id: 7, species: 'oak', site: 'brook', height: 12, weight: 0.25 };

describe('a schema', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no object', 'species', 'schema.malformed', /fields: \{ species: 'string'/],
    ['a type that there is not', { fields: { height: 'integer' } }, 'schema.malformed', /"string".*fields\.height/],
    ['an index without a field', { fields: { a: 'string' }, indexes: [[]] }, 'schema.malformed', /indexes/],
    ['the id among the fields', { fields: { id: 'number' } }, 'schema.badField', /'id'.*means something else/],
    ['a word of conditions', { fields: { not: 'string' } }, 'schema.badField', /'not'/],
    [
      'a name that an expression cannot have',
      { fields: { 'leaf colour': 'string' } },
      'schema.badField',
      /'leaf colour'.*letters, digits and _/,
    ],
    [
      'the name of a key',
      { fields: { site: 'string', kind: 'string', siteKind: 'string' }, indexes: [['site', 'kind']] },
      'schema.badField',
      /'siteKind'.*name of a key/,
    ],
    ['the name of the sort key', { fields: { sortKey: 'string' } }, 'schema.badField', /'sortKey'/],
    [
      'an index of what is no field',
      { fields: { species: 'string' }, indexes: [['specie']] },
      'schema.badIndex',
      /'specie'.*Did you mean 'species'\?/,
    ],
    [
      'an index of a number alone',
      { fields: { height: 'number' }, indexes: [['height']] },
      'schema.badIndex',
      /'height'.*'sort'/,
    ],
    [
      'the same index twice',
      { fields: { species: 'string' }, indexes: [['species'], ['species']] },
      'schema.badIndex',
      /'bySpecies'/,
    ],
    [
      'a sort by what is no field',
      { fields: { height: 'number' }, sort: 'weight' },
      'schema.badSort',
      /'weight'.*The fields are height/,
    ],
    [
      'a sort by a list',
      { fields: { tags: 'string[]' }, sort: 'tags' },
      'schema.badSort',
      /'tags'.*is a list of texts/,
    ],
    [
      'an index of a list',
      { fields: { tags: 'string[]' }, indexes: [['tags']] },
      'schema.badIndex',
      /names 'tags', a list/,
    ],
    [
      'an index of a truth',
      { fields: { sold: 'boolean' }, indexes: [['sold']] },
      'schema.badIndex',
      /has true or false/,
    ],
  ])('with %s is refused, naming it and the remedy', (_, definition, code, message) => {
    expect(() => parseSchema(definition)).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('is the same after a trip through JSON, and another with any difference', () => {
    expect(sameSchema(parseSchema(JSON.parse(JSON.stringify(leaves))), leaves)).toBe(true);
    expect(sameSchema(parseSchema(JSON.parse(JSON.stringify(fashion))), fashion)).toBe(true);
    const { fields, indexes, sort } = leaves;
    for (const other of [
      { fields: { ...fields, weight: 'string' }, indexes, sort },
      { fields, indexes: [['species']], sort },
      { fields, indexes },
      { fields: { ...fields, colour: 'string' }, indexes, sort },
    ]) {
      expect(sameSchema(parseSchema(other), leaves)).toBe(false);
    }
  });

  it('tells the compiler the fields of its products', () => {
    const product = { ...leaf };
    // @ts-expect-error a text is no height
    product.height = 'tall';
    // @ts-expect-error no such field
    product.colour = 'green';
    // @ts-expect-error an index of what is no field
    expect(() => defineSchema({ fields: { species: 'string' }, indexes: [['colour']] })).toThrow();
  });
});

describe('an item of a schema', () => {
  it('gives back the product that it was made of, without what is no field', () => {
    expect(toProduct(toItem(leaf, leaves), leaves)).toEqual(leaf);
    expect(toProduct(toItem(Object.assign({ gender: 'Men' }, leaf), leaves), leaves)).toEqual(leaf);
  });

  it('has the keys of its indexes', () => {
    expect(toItem(leaf, leaves)).toMatchObject({ siteSpecies: { S: 'brook#oak' }, heightId: { S: '0012#0000000007' } });
    const blank: Leaf = { id: 7, species: 'oak' };
    expect(toItem(blank, leaves)).toEqual({ id: { N: '7' }, species: { S: 'oak' }, heightId: { S: '-#0000000007' } });
  });

  it('without a sort is ordered by its id', () => {
    const plain = defineSchema({ fields: { species: 'string' }, indexes: [['species']] });
    expect(toItem({ id: 7 }, plain).sortKey).toEqual({ S: '-#0000000007' });
  });

  it('is in a partition that no other values share', () => {
    const partition = (site: string, species: string) =>
      JSON.stringify(toItem(Object.assign({}, leaf, { site, species }), leaves).siteSpecies);
    expect(partition('a#b', 'c')).not.toBe(partition('a', 'b#c'));
    expect(partition('a%23b', 'c')).not.toBe(partition('a#b', 'c'));
  });
});

describe('a condition on a schema', () => {
  it('knows its fields and their types, and no others', () => {
    expect(parseCondition({ species: 'oak', weight: { gt: 0.2 } }, leaves)).toMatchObject({ kind: 'and' });
    expect(() => parseCondition({ gender: 'Men' }, leaves)).toThrowError(
      expect.objectContaining({
        code: 'condition.unknownField',
        message: expect.stringMatching(/'gender'.*id, species, site, height, weight, imagePath/),
      }),
    );
    expect(() => parseCondition({ or: [{ height: '12' }] }, leaves)).toThrowError(
      expect.objectContaining({
        code: 'condition.badValue',
        message: expect.stringMatching(/'height' is "12".*a number/),
      }),
    );
  });
});

describe('the planner on a schema', () => {
  const products = Array.from({ length: 2000 }, (_, i) => ({
    id: i + 1,
    species: `species ${i % 10}`,
    site: `site#${i % 7}`,
    height: i % 30,
  }));
  const counter = new StatisticsCounter('test', leaves);
  for (const product of products) counter.add(product, toItem(product, leaves));
  const planned = (condition: unknown): Plan => plan(condition, counter.result, leaves);

  it.each<[unknown, string]>([
    [{ id: 3 }, 'table key'],
    [{ species: 'species 1' }, 'index bySpecies'],
    [{ species: 'species 1', site: { in: ['site#1', 'site#2'] } }, 'index bySiteSpecies'],
    [{ site: 'site#1' }, 'scan'],
    [{ height: { gt: 5 } }, 'scan'],
  ])('reads %j by %s', (condition, access) => {
    expect(planned(condition).access).toBe(access);
  });

  it('narrows an index to the range of its sort field, and estimates the products read exactly', () => {
    const { path, estimate, filter } = planned({ species: 'species 1', height: { gte: 5, lt: 20 }, weight: 3 });
    expect(path).toMatchObject({ ranges: [{ partition: 'species 1', sortKeys: ['0005#', '0020#'] }] });
    expect(filter).toMatchObject({ kind: 'test', field: 'weight' });
    expect(estimate?.productsRead).toBe(
      products.filter(({ species, height }) => species === 'species 1' && height >= 5 && height < 20).length,
    );
    expect(planned({ species: 'species 1', site: 'site#3' }).estimate?.productsRead).toBe(
      products.filter(({ species, site }) => species === 'species 1' && site === 'site#3').length,
    );
  });

  it('leaves a year that is no sort field to the filter', () => {
    const dated = defineSchema({ fields: { species: 'string', year: 'number' }, indexes: [['species']] });
    const { path, filter } = plan({ species: 'oak', year: { gt: 2012 } }, undefined, dated);
    expect(path).toMatchObject({ access: 'index', ranges: [{ partition: 'oak' }] });
    expect(path).not.toHaveProperty('ranges.0.sortKeys');
    expect(filter).toMatchObject({ field: 'year' });
  });
});
