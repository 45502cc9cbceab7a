import { describe, expect, it } from 'vitest';
import { defineSchema, type Schema } from '../../src/catalogue/schema.js';
import { toProduct } from '../../src/catalogue/store/items.js';
import { idOfItem, keyOfId } from '../../src/catalogue/store/key.js';
import { checkWritable } from '../../src/catalogue/store/writable.js';

const shop = defineSchema({
  id: 'string',
  fields: {
    sku: 'string',
    size: 'string',
    price: 'number',
    added: 'date',
    tags: 'string[]',
    'base-color': 'string',
    id_: 'number',
    photo: 'string',
  },
  layout: {
    key: { partition: 'sku', sort: 'size' },
    indexes: [{ name: 'price', partition: 'base-color', sort: 'price', projected: [] }],
    image: 'photo',
    attributes: { id_: 'id' },
  },
});
const layout = { key: { partition: 'key' }, indexes: [] };
const byText = defineSchema({ id: 'string', fields: { key: 'string' }, layout });
const byNumber = defineSchema({ fields: { key: 'number' }, layout });
const numberAsText = defineSchema({ id: 'string', fields: { key: 'number' }, layout });

describe('an id of a table that another system made', () => {
  it.each<[Schema, Record<string, { S: string } | { N: string }>, string | number]>([
    [shop, { sku: { S: 'JK-0815' }, size: { S: 'a' } }, 'JK-0815/a'],
    [shop, { sku: { S: 'JK/08%15' }, size: { S: 'a/b%2F' } }, 'JK%2F08%2515/a/b%2F'],
    [byText, { key: { S: 'a/b%' } }, 'a/b%'],
    [byNumber, { key: { N: '15970' } }, 15970],
    [numberAsText, { key: { N: '-1.5' } }, '-1.5'],
    [numberAsText, { key: { N: '0' } }, '0'],
  ])('is its key, and leads back to it', (schema, key, id) => {
    expect(idOfItem({ ...key, price: { N: '1' } }, schema)).toBe(id);
    expect(keyOfId(id, schema)).toEqual(key);
  });

  it('is never that of two keys', () => {
    const parts = ['a', 'b', '/', '%', '%2F', '%25', '2F', 'a/', '/a', '%%'];
    const ids = parts.flatMap((sku) => parts.map((size) => idOfItem({ sku: { S: sku }, size: { S: size } }, shop)));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(idOfItem(keyOfId(id ?? '', shop) ?? {}, shop)).toBe(id);
  });

  it.each<[Schema, string | number]>([
    [shop, 'JK-0815'],
    [shop, '/a'],
    [shop, 'JK-0815/'],
    [shop, '%41/a'],
    [shop, 1],
    [numberAsText, '01'],
    [numberAsText, '1.50'],
    [numberAsText, '1e3'],
    [numberAsText, 'x'],
    [numberAsText, '1'.repeat(39)],
    [byText, ''],
  ])('that no key can have leads to none', (schema, id) => {
    expect(keyOfId(id, schema)).toBeUndefined();
  });

  it.each<[Schema, Record<string, { S?: string; N?: string }>]>([
    [byNumber, { key: { N: '-1' } }],
    [byNumber, { key: { N: '1.5' } }],
    [byText, { key: { S: ' ' } }],
    [byText, { key: { S: 'x'.repeat(201) } }],
    [byText, { key: { N: '1' } }],
    [shop, { sku: { S: 'JK' } }],
  ])('is none of a key that no id can be', (schema, item) => {
    expect(idOfItem(item, schema)).toBeUndefined();
    expect(toProduct(item, schema)).toBeUndefined();
  });
});

describe('a product of such a table', () => {
  it('has the attributes that are of its fields’ types; others are counted, and what stands for none is none', () => {
    const other: string[] = [];
    const item = {
      sku: { S: 'JK' },
      size: { S: 'a' },
      price: { S: '12' },
      added: { S: '2024-05-31T18:30:00+02:00' },
      tags: { SS: ['red'] },
      'base-color': { NULL: true },
      id: { N: '7' },
      photo: { S: '' },
      map: { M: {} },
    };
    expect(toProduct(item, shop, (field) => other.push(field))).toEqual({
      id: 'JK/a',
      sku: 'JK',
      size: 'a',
      added: '2024-05-31T16:30:00.000Z',
      tags: ['red'],
      id_: 7,
    });
    expect(other).toEqual(['price']);
    expect(toProduct({ sku: { S: 'JK' }, size: { S: 'a' }, photo: { S: 'media/1.png' } }, shop)).toMatchObject({
      photo: 'media/1.png',
      imagePath: 'media/1.png',
    });
  });

  it.each(['4006381333931123456', '0.1000000000000000055'])('has no number %s, which would be rounded', (N) => {
    const other: string[] = [];
    const product = toProduct({ sku: { S: 'a' }, size: { S: 'b' }, price: { N } }, shop, (field) => other.push(field));
    expect(product).not.toHaveProperty('price');
    expect(other).toEqual(['price']);
  });
});

describe('a layout', () => {
  it.each([
    [{ layout: { key: { partition: 'skuu' }, indexes: [] } }, "'skuu', which is not a field"],
    [{ layout: { key: { partition: 'tags' }, indexes: [] } }, 'of the type string[]; it may be string or number'],
    [{ layout: { key: { partition: 'n' }, indexes: [], image: 'n' } }, "The image is 'n' of the type number"],
    [{ layout: { key: { partition: 'sku' }, indexes: [] } }, "id: 'string'"],
    [{ layout: { key: { partition: 'n', sort: 'sku' }, indexes: [] } }, "id: 'string'"],
    [{ layout: { key: { partition: 'n' }, indexes: [] }, indexes: [['sku']] }, "'indexes' and 'sort' are those of"],
    [
      { layout: { key: { partition: 'n' }, indexes: [{ name: 'i', partition: 'sku', projected: ['x'] }] } },
      "The index i has 'x'",
    ],
  ])('that contradicts the fields is refused: %j', (wrong, says) => {
    const definition = { fields: { sku: 'string', n: 'number', tags: 'string[]' }, ...wrong };
    // @ts-expect-error wrong on purpose
    expect(() => defineSchema(definition)).toThrowError(
      expect.objectContaining({ code: 'schema.badLayout', message: expect.stringContaining(says) }),
    );
  });

  it('takes attributes of any name, and says how to call those whose names mean something else', () => {
    expect(() =>
      defineSchema({
        id: 'string',
        fields: { variant: 'string' },
        layout: { key: { partition: 'variant' }, indexes: [] },
      }),
    ).toThrowError(
      expect.objectContaining({ code: 'schema.badField', message: expect.stringContaining("{ variant_: 'variant' }") }),
    );
  });

  it('makes the table one that is only read, unless there is consent', () => {
    expect(() => checkWritable({ table: 'Shop', write: false }, shop)).toThrowError(
      expect.objectContaining({ code: 'table.readOnly', message: expect.stringContaining('connect({ write: true })') }),
    );
    expect(() => checkWritable({ table: 'Shop', write: true }, shop)).not.toThrow();
    expect(() => checkWritable({ table: 'Own', write: false }, { fields: {}, indexes: [] })).not.toThrow();
  });
});
