import { describe, expect, it } from 'vitest';
import { parseNumber } from '../../src/catalogue/field-types/number.js';
import { defineSchema } from '../../src/catalogue/schema.js';
import { wholeNumber, yearFault } from '../../src/catalogue/source/ids-and-years.js';
import { toItem } from '../../src/catalogue/store/items.js';

const schema = defineSchema({ fields: { height: 'number', weight: 'number', year: 'number' }, sort: 'height' });
const dated = defineSchema({ fields: { year: 'number' }, sort: 'year' });

describe('a number of a file', () => {
  it.each<[string, number]>([
    ['12', 12],
    ['12.0', 12],
    ['12.', 12],
    ['+.5', 0.5],
    ['-1e3', -1000],
    ['1E+20', 1e20],
    ['0.30000000000000004', 0.30000000000000004],
    ['0.1000000000000000055511151231257827', 0.1],
    ['9007199254740991', 2 ** 53 - 1],
    ['10000000000000000000', 1e19],
    ['0e400', 0],
    ['-9.9e125', -9.9e125],
    ['1e-130', 1e-130],
  ])('%s is what it says', (text, value) => expect(parseNumber(text)).toBe(value));

  it.each<[string, RegExp]>([
    ['4006381333931123456', /more digits than a number keeps.*Make the field a text/],
    ['9007199254740993', /more digits/],
    ['-9007199254740993.0', /more digits/],
    ['4.006381333931123456e18', /more digits/],
    ['1e200', /cannot be held by DynamoDB/],
    ['1e126', /cannot be held/],
    ['1e999', /cannot be held/],
    ['1e-131', /cannot be held/],
    ['-1e-999', /cannot be held/],
    ['heavy', /is not a number\./],
    ['', /is not a number\./],
    ['.', /is not a number\./],
    ['e5', /is not a number\./],
    ['0x10', /is not a number\./],
    ['Infinity', /is not a number\./],
    ['1,234', /is not a number\./],
    ['١٢', /is not a number\./],
  ])('%s is none that a table keeps', (text, reason) => {
    expect(parseNumber(text)).toMatchObject({ reason: expect.stringMatching(reason) });
  });

  it('is a year of four digits where the indexes sort by years', () => {
    expect([2012, 9999].map((value) => yearFault(value, 'year', dated))).toEqual([undefined, undefined]);
    for (const value of [12, Number.NaN, 99_999, 2012.5])
      expect(yearFault(value, 'year', dated)).toMatchObject({ code: 'source.badYear' });
    expect(yearFault(12, 'year', schema)).toBeUndefined();
    expect(yearFault(12, 'height', schema)).toBeUndefined();
  });

  it('of 64 KB takes no time', () => {
    const started = performance.now();
    for (const text of [
      '1'.repeat(65_536),
      `${'0'.repeat(65_536)}x`,
      `${'1'.repeat(65_536)}x`,
      `.${'0'.repeat(65_536)}`,
    ]) {
      expect(parseNumber(text)).toHaveProperty('reason');
      expect(wholeNumber(text)).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(100);
  });

  it.each([1e200, 1e-200, Number.NaN, Infinity])('%d is refused by the table, too', (weight) => {
    expect(() => toItem(Object.assign({ id: 7 }, { weight }), schema)).toThrowError(
      expect.objectContaining({
        code: 'source.badNumber',
        message: expect.stringMatching(/product 7 has .* as weight/),
      }),
    );
  });
});

describe('an id of a file', () => {
  it.each<[string, number | undefined]>([
    ['7', 7],
    [' 7 ', 7],
    ['7.0', 7],
    ['7.', 7],
    ['0007', 7],
    ['0108775015', 108775015],
    ['0', undefined],
    ['0.0', undefined],
    ['7.5', undefined],
    ['-7', undefined],
    ['nan', undefined],
    ['7e3', undefined],
    ['1234567890123456', undefined],
    ['Total', undefined],
  ])("'%s' is %s", (text, id) => expect(wholeNumber(text)).toBe(id));
});
