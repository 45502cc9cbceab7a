import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { TableDescription } from '../../src/catalogue/existing/description.js';
import { fieldsIn, imageIn } from '../../src/catalogue/existing/found-fields.js';
import { schemaOf } from '../../src/catalogue/existing/found-schema.js';
import type { KeyFact, TableFacts } from '../../src/catalogue/existing/table-facts.js';
import { plan } from '../../src/catalogue/query/plan.js';
import { predicateText } from '../../src/catalogue/query/predicate-text.js';
import { defineSchema } from '../../src/catalogue/schema.js';
import { idOfItem } from '../../src/catalogue/store/key.js';
import { SampleCounter } from '../../src/catalogue/store/sample-counter.js';
import type { Statistics } from '../../src/catalogue/store/statistics.js';

type Item = Record<string, AttributeValue>;

const key = (attribute: string, type: KeyFact['type'] = 'S'): KeyFact => ({ attribute, type });
const facts = (partition: KeyFact, more: Partial<TableFacts> = {}): TableFacts => ({
  table: 'Shop',
  digest: '',
  partition: [partition],
  sort: [],
  indexes: [],
  billing: 'on demand',
  items: 0,
  bytes: 0,
  ...more,
});
const sampleOf = (items: readonly Item[]) => ({
  items,
  complete: true,
  products: items.length,
  bytes: 100,
  readUnits: 1,
});
const found = (table: TableFacts, items: readonly Item[]) => schemaOf(table, fieldsIn({ items }), sampleOf(items));

describe('what is found of a table', () => {
  it.each<[string, KeyFact, Item[], object]>([
    ['whole numbers are ids', key('id', 'N'), [{ id: { N: '7' }, x: { S: 'a' } }], { fields: { x: 'string' } }],
    [
      'whole numbers of another name, too',
      key('productId', 'N'),
      [{ productId: { N: '7' } }],
      { fields: { productId: 'number' } },
    ],
    ['texts are ids of texts', key('id'), [{ id: { S: '007' } }], { id: 'string', fields: {} }],
    [
      'other numbers are texts',
      key('id', 'N'),
      [{ id: { N: '7' } }, { id: { N: '-0.5' } }],
      { id: 'string', fields: { id_: 'number' }, layout: { key: { partition: 'id_' }, attributes: { id_: 'id' } } },
    ],
    [
      'a key that looks like a date is a text, which is compared as it stands',
      key('day'),
      [{ day: { S: '2024-05-31T10:00:00+02:00' } }],
      { id: 'string', fields: { day: 'string' } },
    ],
    ['an empty table has its key', key('sku'), [], { id: 'string', fields: { sku: 'string' } }],
  ])('%s', (_, partition, items, schema) => {
    const made = found(facts(partition), items).schema;
    expect(made).toMatchObject(schema);
    expect(items.every((item) => idOfItem(item, made) !== undefined)).toBe(true);
  });

  it('a key of bytes is refused, an index of bytes or of many attributes is left out and named', () => {
    expect(() => found(facts(key('hash', 'B')), [])).toThrowError(
      expect.objectContaining({ code: 'table.unreadableKey', message: expect.stringContaining('hash is bytes (B)') }),
    );
    const index = { sort: [], projected: 'all' as const, active: true };
    const indexes = [
      { ...index, name: 'bytes', partition: [key('b', 'B')] },
      { ...index, name: 'many', partition: [key('a'), key('c')] },
      { ...index, name: 'new', partition: [key('a')], active: false },
      { ...index, name: 'good', partition: [key('a')] },
    ];
    const { schema, unread } = found(facts(key('sku'), { indexes }), []);
    expect(schema.layout?.indexes).toEqual([{ name: 'good', partition: 'a', projected: 'all' }]);
    expect(unread).toEqual([
      { name: 'bytes', reason: 'its key is bytes' },
      { name: 'many', reason: 'its key has more than two attributes' },
      { name: 'new', reason: 'it is not active yet' },
    ]);
    expect(schema.fields).toEqual({ sku: 'string', a: 'string' });
  });

  it('most values decide a type; others are counted, and what no type fits is left out with its kind', () => {
    const items: Item[] = [
      { sku: { S: 'a' }, price: { N: '1' }, day: { S: '2024-01-01' }, set: { NS: ['1'] }, list: { L: [{ N: '1' }] } },
      {
        sku: { S: 'b' },
        price: { N: '2.5' },
        day: { S: 'soon' },
        set: { NS: ['1'] },
        tags: { SS: ['x'] },
        none: { NULL: true },
      },
      { sku: { S: 'c' }, price: { S: 'ask' }, empty: { S: '' }, tags: { L: [{ S: 'y' }] }, ok: { BOOL: true } },
    ];
    const { fields, leftOut } = fieldsIn({ items });
    expect(fields.map(({ attribute, type, items, otherKinds }) => [attribute, type, items, otherKinds])).toEqual([
      ['sku', 'string', 3, 0],
      ['day', 'string', 2, 0],
      ['price', 'number', 2, 1],
      ['tags', 'string[]', 2, 0],
      ['ok', 'boolean', 1, 0],
    ]);
    expect(leftOut).toEqual([
      { attribute: 'set', kind: 'a set of numbers', items: 2 },
      { attribute: 'list', kind: 'a list of other values', items: 1 },
    ]);
    const described = new TableDescription(facts(key('sku')), fieldsIn({ items }), sampleOf(items));
    expect(String(described)).toContain('left out: set, a set of numbers in 66.7%');
    expect(String(described)).toContain('no field looks like the place of one');
  });

  it.each<[Item, string | undefined]>([
    [{ a: { S: 'media/3f.PNG' }, b: { S: 'x' } }, 'a'],
    [
      { link: { S: 'https://shop.example/p/1.html' }, main_image: { S: 'https://b.s3.amazonaws.com/1.webp?x=1' } },
      'main_image',
    ],
    [{ alt: { S: 'x.jpg' }, imagePath: { S: 's3://b/images/1.jpg' } }, 'imagePath'],
    [{ a: { S: 'nothing' } }, undefined],
  ])('%j says where the image is', (item, image) => {
    expect(imageIn(fieldsIn({ items: [item] }))).toBe(image);
  });

  it('a table as the original system filled it is read: ids of numbers, baseColor, https paths', () => {
    const original: Item = {
      id: { N: '15970' },
      gender: { S: 'Men' },
      baseColor: { S: 'Navy Blue' },
      year: { N: '2011' },
      imagePath: { S: 'https://static-s3-buket.s3.amazonaws.com/images/15970.jpg' },
    };
    const { schema } = found(facts(key('id', 'N')), [original]);
    expect(schema).toEqual({
      fields: { gender: 'string', year: 'number', baseColor: 'string' },
      indexes: [],
      layout: { key: { partition: 'id' }, indexes: [], image: 'imagePath' },
    });
  });
});

const shop = defineSchema({
  id: 'string',
  fields: { sku: 'string', size: 'string', brand: 'string', price: 'number', added: 'date', note: 'string' },
  layout: {
    key: { partition: 'sku', sort: 'size' },
    indexes: [
      { name: 'by-price', partition: 'brand', sort: 'price', projected: 'all' },
      { name: 'by-day', partition: 'brand', sort: 'added', projected: [] },
    ],
  },
});
const counter = new SampleCounter(shop);
for (let n = 0; n < 1000; n++) {
  const day = new Date(Date.UTC(2024, 0, 1 + (n % 300))).toISOString().slice(0, 10);
  counter.add(
    Object.assign({ id: `${n}/a` }, { sku: `${n}`, size: 'a', brand: `b${n % 20}`, price: n / 10 - 20, added: day }),
  );
}
const whole: Statistics = {
  version: 1,
  source: 'Shop',
  products: 1000,
  bytes: 1000 * 400,
  ...counter.result,
  sample: { items: 1000, taken: '2026-01-01T00:00:00Z' },
};
/** The same thousand, of a million. */
const sampled: Statistics = { ...whole, products: 1e6, bytes: 4e8 };

describe('a plan for it', () => {
  it('estimates exactly where all were counted, and about where a sample was', () => {
    expect(String(plan({ brand: 'b3', price: { lt: 0 } }, whole, shop))).toBe(
      'index by-price, 10 of 1,000 products read, 0.5 read units (a scan: 49)',
    );
    expect(String(plan({ brand: 'b3', price: { lt: 0 } }, sampled, shop))).toBe(
      'index by-price, about 10,000 of 1,000,000 products read, 488.5 read units (a scan: 48,828.5)',
    );
    expect(plan({ brand: 'unseen' }, sampled, shop).estimate?.productsRead).toBe(1000);
    const [note] = plan({ brand: 'unseen' }, sampled, shop).notes;
    expect(note).toMatch(
      /^No product has brand 'unseen'\..*\(Of the 1,000 products of a sample; others may have it\.\)$/,
    );
  });

  it('reads dates a day further to both sides, since other systems write them in zones of their own', () => {
    const { path, filter } = plan(
      { brand: 'b3', added: { gte: '2024-03-01T12:00:00Z', lt: '2024-03-02' } },
      whole,
      shop,
    );
    expect(path).toMatchObject({
      index: { name: 'by-day' },
      ranges: [{ partition: 'b3', sortKeys: ['2024-02-29', '2024-03-03~'] }],
      thenByKey: true,
    });
    expect(predicateText(filter)).toBe('');
  });

  it('reads a key once more only where the index lacks a field that is asked for or tested', () => {
    const day = { brand: 'b3', added: { gte: '2024-03-01', lt: '2024-03-02' } };
    const again = (where: object, fields: string[]) => plan(where, whole, shop, fields).path;
    expect(again(day, ['added', 'sku'])).not.toHaveProperty('thenByKey');
    expect(again(day, ['note'])).toHaveProperty('thenByKey', true);
    expect(again({ ...day, note: 'x' }, [])).toHaveProperty('thenByKey', true);
  });

  it('has DynamoDB filter by nothing that it would compare otherwise, or that an index lacks', () => {
    const sent = (where: object) => predicateText(plan(where, whole, shop).filteredByDynamo);
    expect(sent({ note: 'x', price: { gt: 1 }, added: { gt: '2024-01-01' } })).toBe("note = 'x' and price > 1");
    expect(sent({ note: { exists: true }, not: { note: 'x' } })).toBe("note is there and not (note = 'x')");
    expect(sent({ note: { exists: false } })).toBe('');
    expect(sent({ not: { price: { gt: 1 } } })).toBe('');
    expect(sent({ or: [{ note: 'x' }, { added: '2024-01-01' }] })).toBe('');
    expect(sent({ brand: 'b3', added: '2024-01-02', note: 'x' })).toBe('');
  });
});
