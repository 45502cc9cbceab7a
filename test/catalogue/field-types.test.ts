import { describe, expect, it } from 'vitest';
import { type FieldType, fieldTypeNames, kindOf } from '../../src/catalogue/field-types/index.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { compare, matches } from '../../src/catalogue/query/predicate.js';
import { defineSchema } from '../../src/catalogue/schema.js';
import { toItem, toProduct } from '../../src/catalogue/store/items.js';
import { type Random, randomFrom, randomInteger } from '../../src/work/index.js';

const random = randomFrom('field types');

/** A random value of a type, of those that are hard to sort: near each other, of other lengths, signs and sizes. */
const drawn: Partial<Record<FieldType, (random: Random) => unknown>> = {
  number: (random) => {
    const size = 10 ** randomInteger(random, -6, 12) * (random() < 0.02 ? 1e100 : 1);
    const value = (random() < 0.5 ? -1 : 1) * random() * size;
    return [value, Math.round(value), Math.round(value * 10) / 10, randomInteger(random, -12, 12)][
      randomInteger(random, 0, 3)
    ];
  },
  string: (random) =>
    Array.from(
      { length: randomInteger(random, 1, 6) },
      () => 'aAbz09 !"#$%&\'~-é=\n'[randomInteger(random, 0, 18)],
    ).join(''),
  date: (random) => {
    const time = new Date(randomInteger(random, 0, 4e9) * 1000 + (random() < 0.5 ? randomInteger(random, 0, 999) : 0));
    return random() < 0.3 ? time.toISOString().slice(0, 10) : time;
  },
};

describe.each(fieldTypeNames)('the type %s', (name) => {
  const kind = kindOf(name);
  const draw = drawn[name];

  it.skipIf(!draw)('has sort keys in the order of its values', () => {
    const values = Array.from({ length: 20_000 }, () => kind.valueOf(draw?.(random)) ?? '');
    const pairs = values.map(
      (value, i) => [value, values[i + 1] ?? value, values[randomInteger(random, 0, i)] ?? value] as const,
    );
    const key = (value: (typeof values)[number]) => `${kind.sortText?.(value)}#7`;
    for (const [a, ...others] of pairs) {
      for (const b of others) {
        const order = Math.sign(Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))));
        if (order !== Math.sign(compare(a, b))) expect([a, b, key(a), key(b)]).toBe('in order');
      }
      // Below it is what has no value; a key with the value lies between the two that a range names.
      const text = String(kind.sortText?.(a));
      if (!(`${text}#` < key(a) && key(a) < `${text}$` && key(a) > '.' && key(a) < '~'))
        expect(text).toBe('in its range');
    }
  });

  it('gives back what it keeps', () => {
    const example = { number: -1.5, string: ' x ', boolean: false, date: '2024-05-31', 'string[]': ['b', 'a'] }[name];
    const value = kind.valueOf(example);
    expect(value).toEqual(example);
    expect(value !== undefined && kind.ofAttribute(kind.attribute(value))).toEqual(example);
    expect(kind.ofAttribute({})).toBeUndefined();
  });
});

describe('a text of a file', () => {
  it.each<[FieldType, string, unknown]>([
    ['boolean', 'True', true],
    ['boolean', 'no', false],
    ['boolean', '1', true],
    ['date', '2024-05-31', '2024-05-31'],
    ['date', '2024-02-29', '2024-02-29'],
    ['date', '2024-05-31T18:30Z', '2024-05-31T18:30:00.000Z'],
    ['date', '2024-05-31 18:30:05', '2024-05-31T18:30:05.000Z'],
    ['date', '2024-05-31T18:30:05.12+02:00', '2024-05-31T16:30:05.120Z'],
    ['date', '2024-05-31T00:30:05-0130', '2024-05-31T02:00:05.000Z'],
    ['string[]', 'red| blue |', ['red', 'blue']],
  ])('of the type %s, %s, is %j', (type, text, value) => {
    expect(kindOf(type).parse(text, '|')).toEqual(value);
  });

  it.each<[FieldType, string]>([
    ['boolean', 'maybe'],
    ['boolean', '2'],
    ['date', '31.05.2024'],
    ['date', '2024-02-30'],
    ['date', '2023-02-29'],
    ['date', '2024-13-01'],
    ['date', '2024-05-31T24:30Z'],
    ['date', '2024-5-31'],
    ['date', '20240531'],
  ])('of the type %s is not %s', (type, text) => {
    expect(kindOf(type).parse(text, '|')).toMatchObject({ reason: expect.stringContaining('Correct it') });
  });
});

const shop = defineSchema({
  fields: { name: 'string', sold: 'boolean', since: 'date', tags: 'string[]', price: 'number' },
  indexes: [['name', 'sold']],
  sort: 'since',
});

describe('a product of all types', () => {
  const product = { id: 7, name: 'coat', sold: false, since: '2024-05-31', tags: ['new', 'red'], price: -0.5 };

  it('is an item, and the product again', () => {
    const item = toItem(product, shop);
    expect(item).toEqual({
      id: { N: '7' },
      name: { S: 'coat' },
      sold: { BOOL: false },
      since: { S: '2024-05-31' },
      tags: { L: [{ S: 'new' }, { S: 'red' }] },
      price: { N: '-0.5' },
      sinceId: { S: '2024-05-31#0000000007' },
      nameSold: { S: 'coat#false' },
    });
    expect(toProduct(item, shop)).toEqual(product);
  });

  it('is read without what is of another type, and with a set as a list', () => {
    const item = {
      id: { N: '7' },
      name: { N: '3' },
      sold: { S: 'no' },
      since: { S: 'May' },
      tags: { SS: ['a'] },
      price: {},
    };
    expect(toProduct(item, shop)).toEqual({ id: 7, tags: ['a'] });
  });

  it.each([
    { sold: 'no' },
    { since: 'yesterday' },
    { tags: 'red' },
    { tags: [7] },
    { price: '7' },
    { name: 'half \ud83d' },
  ])('with %j is refused', (wrong) => {
    expect(() => toItem(Object.assign({ id: 7 }, wrong), shop)).toThrow(/The product 7 has .* which must be/);
  });

  it.each<[unknown, boolean]>([
    [{ sold: false }, true],
    [{ sold: true }, false],
    [{ not: { sold: { in: [true] } } }, true],
    [{ sold: { in: [true, false] } }, true],
    [{ since: { gte: '2024-05-01', lt: '2024-06-01' } }, true],
    [{ since: { beginsWith: '2024-05' } }, true],
    [{ since: '2024-05-31T00:00:00+02:00' }, false],
    [{ since: new Date('2024-05-31T00:00Z') }, false],
    [{ since: { lte: new Date('2024-05-31T00:00Z') } }, true],
    [{ tags: { contains: 'red' } }, true],
    [{ tags: { contains: 're' } }, false],
    [{ not: { tags: { contains: 'blue' } } }, true],
    [{ name: { contains: 'oa' } }, true],
    [{ price: { between: [-1, 0] } }, true],
  ])('%j: %s', (condition, holds) => {
    expect(matches(parseCondition(condition, shop), product)).toBe(holds);
  });

  it.each<[unknown, RegExp]>([
    [{ sold: 'false' }, /'sold' is "false"; it must be true or false, without quotes/],
    [{ sold: { gt: false } }, /'sold' is true or false: its 'gt' is false; it must be left out; use eq, in, exists/],
    [{ since: 'May' }, /'since' is "May"; it must be a date or time of ISO 8601/],
    [{ tags: ['red'] }, /must be a test, such as \{ contains: 'a text' \}/],
    [{ tags: { in: ['red'] } }, /is a list of texts: its 'in'.*use contains, exists/],
    [{ price: { contains: 1 } }, /is a number: its 'contains'/],
  ])('cannot be asked for %j', (condition, message) => {
    expect(() => parseCondition(condition, shop)).toThrow(message);
  });
});
