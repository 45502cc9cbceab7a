import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { type Condition, parseCondition } from '../../src/catalogue/query/condition.js';
import { Expressions } from '../../src/catalogue/query/expression.js';
import { matches } from '../../src/catalogue/query/predicate.js';

const shoe: Product = { id: 7, gender: 'Men', subCategory: 'Shoes', year: 2013, productDisplayName: 'Puma Men Shoe' };
const holds = (condition: Condition, product = shoe) => matches(parseCondition(condition), product);

describe('a condition', () => {
  it('holds where all its fields do', () => {
    expect(holds({ gender: 'Men', year: 2013 })).toBe(true);
    expect(holds({ gender: 'Men', year: 2012 })).toBe(false);
    expect(holds({})).toBe(true);
  });

  it.each<[Condition, boolean]>([
    [{ year: { gt: 2012, lte: 2013 } }, true],
    [{ year: { lt: 2013 } }, false],
    [{ year: { gte: 2013 } }, true],
    [{ year: { between: [2010, 2013] } }, true],
    [{ year: { in: [2010, 2013] } }, true],
    [{ gender: { in: ['Women', 'Unisex'] } }, false],
    [{ productDisplayName: { beginsWith: 'Puma' } }, true],
    [{ season: { exists: false } }, true],
    [{ season: { exists: true } }, false],
    [{ or: [{ gender: 'Women' }, { year: 2013 }] }, true],
    [{ and: [{ gender: 'Men' }, { year: 2012 }] }, false],
    [{ not: { gender: 'Women' } }, true],
  ])('%j is %s of the shoe', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it('about a field that a product lacks is false, and its negation true', () => {
    expect(holds({ season: 'Fall' })).toBe(false);
    expect(holds({ season: { lt: 'Z' } })).toBe(false);
    expect(holds({ not: { season: 'Fall' } })).toBe(true);
  });

  it.each<[unknown, string, RegExp]>([
    [{ gendre: 'Men' }, 'condition.unknownField', /'gendre'.*Did you mean 'gender'\?.*articleType/],
    [{ year: { greater: 2012 } }, 'condition.unknownOperator', /'greater'.*'year'.*between/],
    [{ year: '2012' }, 'condition.badValue', /'year' is "2012".*a number/],
    [{ year: { gt: Number.NaN } }, 'condition.badValue', /'gt' of 'year' is null.*a number/],
    [{ gender: 3 }, 'condition.badValue', /'gender' is 3.*a text/],
    [{ season: '' }, 'condition.badValue', /exists: false/],
    [{ gender: { in: [] } }, 'condition.badValue', /'in' of 'gender' is \[\].*list/],
    [{ year: { between: [2012] } }, 'condition.badValue', /two values/],
    [{ year: { between: [2015, 2012] } }, 'condition.badValue', /lower value first/],
    [{ year: { beginsWith: '20' } }, 'condition.badValue', /between/],
    [{ season: { exists: 'no' } }, 'condition.badValue', /true or false/],
    [{ year: {} }, 'condition.badValue', /one of eq/],
    [{ or: [] }, 'condition.badValue', /list of conditions/],
    ['gender = Men', 'condition.badValue', /object such as/],
    [new Map([['gender', 'Men']]), 'condition.badValue', /object such as/],
    [{ gender: new Date(0) }, 'condition.badValue', /a text/],
    [{ constructor: 'x' }, 'condition.unknownField', /'constructor'/],
  ])('%j is refused as %s, naming the value and the remedy', (condition, code, message) => {
    expect(() => parseCondition(condition)).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('a condition without measure', () => {
  it('is refused where it is nested too deep, or contains itself', () => {
    const deep = (levels: number): Condition => (levels === 0 ? { year: 1 } : { not: deep(levels - 1) });
    expect(holds(deep(99))).toBe(true);
    const itself: Condition[] = [];
    itself.push({ or: itself }, { or: itself });
    for (const condition of [deep(100), deep(5000), { or: itself }])
      expect(() => parseCondition(condition)).toThrowError(
        expect.objectContaining({
          code: expect.stringMatching(/^condition\.too(Deep|Long)$/),
          message: expect.stringMatching(/100 levels deep|262,144/),
        }),
      );
  });

  it('is refused where it is longer than what a job can keep, and a message stays a line', () => {
    const values = Array.from({ length: 40_000 }, (_, i) => `value ${i}`);
    expect(() => parseCondition({ usage: { in: values } })).toThrowError(
      expect.objectContaining({
        code: 'condition.tooLong',
        message: expect.stringMatching(/bytes.*Name fewer values/),
      }),
    );
    expect(() => parseCondition({ year: { between: values } })).toThrowError(
      expect.objectContaining({ message: expect.stringMatching(/^.{200,400}two values\.$/) }),
    );
    expect(() => parseCondition({ usage: '\ud83c' })).toThrowError(
      expect.objectContaining({ code: 'condition.badValue' }),
    );
  });
});

describe('a filter expression', () => {
  const filterOf = (condition: Condition) => {
    const expressions = new Expressions();
    return { text: expressions.filter(parseCondition(condition)), ...expressions.parameters };
  };

  it('puts names and values behind placeholders', () => {
    expect(filterOf({ year: { gt: 2012 }, usage: "O'Neill" })).toEqual({
      text: '#year > :v0 AND #usage = :v1',
      ExpressionAttributeNames: { '#year': 'year', '#usage': 'usage' },
      ExpressionAttributeValues: { ':v0': { N: '2012' }, ':v1': { S: "O'Neill" } },
    });
  });

  it('is absent where every product is meant', () => {
    expect(filterOf({})).toEqual({ text: undefined });
    expect(filterOf({ or: [{}, { gender: 'Men' }] }).text).toBeUndefined();
  });

  it('of the negation of everything holds for nothing', () => {
    expect(filterOf({ not: {} }).text).toBe('attribute_not_exists(#id)');
  });

  it('splits a list of more than 100 values', () => {
    const years = Array.from({ length: 150 }, (_, i) => 1900 + i);
    expect(filterOf({ year: { in: years } }).text?.match(/ IN \(/g)).toHaveLength(2);
  });

  it.each<[Condition, string]>([
    [{ or: [{ or: [{ gender: 'Men' }] }] }, '#gender = :v0'],
    [
      { and: [{ gender: 'Men' }, { and: [{ year: 1 }, { year: 2 }] }] },
      '#gender = :v0 AND #year = :v1 AND #year = :v2',
    ],
    [{ or: [{ gender: 'Men', year: 1 }, { year: 2 }] }, '#gender = :v0 AND #year = :v1 OR #year = :v2'],
    [{ gender: 'Men', or: [{ year: 1 }, { year: 2 }] }, '#gender = :v0 AND (#year = :v1 OR #year = :v2)'],
    [
      { not: { or: [{ year: 1 }, { not: { year: { between: [2, 3] } } }] } },
      'NOT #year = :v0 AND #year BETWEEN :v1 AND :v2',
    ],
    [{ not: { year: { in: [1, 1, 2] } } }, 'NOT #year IN (:v0, :v1)'],
    [{ not: { season: { exists: true } } }, 'attribute_not_exists(#season)'],
  ])('of %j has no parentheses that it can do without', (condition, text) => {
    expect(filterOf(condition).text).toBe(text);
  });
});
