import { describe, expect, it } from 'vitest';
import {
  baseName,
  byId,
  checkId,
  type IdType,
  idAttribute,
  idOfImageKey,
  idOfImageName,
  idSchema,
  idSortText,
  imageKey,
  imageName,
  parseId,
  variantKey,
} from '../../src/catalogue/id.js';
import { idOfItem } from '../../src/catalogue/store/key.js';
import { imageExtensions } from '../../src/image/formats.js';

const withIds = (id: IdType) => ({ id, fields: {}, indexes: [] });
const ids = [1, 9, 10, 15970, 999_999_999, 999_999_999_999_999];

describe('an id', () => {
  it.each(ids)('%d is itself again from its file, its key, its text and its attribute', (id) => {
    expect(idOfImageName(imageName(id))).toBe(id);
    expect(idOfImageKey(imageKey(id))).toBe(id);
    expect(parseId(String(id))).toBe(id);
    expect(idOfItem({ id: idAttribute(id) }, withIds('number'))).toBe(id);
    expect(idSchema.parse(id)).toBe(id);
  });

  it.each(['', '0', '007', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '1234567890123456', 'A1', '１'])(
    "'%s' is none, as a text and as the name of a file",
    (text) => {
      expect(parseId(text)).toBeUndefined();
      expect(idOfImageName(`${text}.jpg`)).toBeUndefined();
      expect(idOfImageKey(`images/${text}.jpg`)).toBeUndefined();
    },
  );

  it.each(['0015970.jpg', '15970.JPG', '15970.jpeg', '15970.jpg.jpg', '15970', 'images/15970.jpg'])(
    'the file %s is no image of 15970, which would be looked for under its own name',
    (name) => expect(idOfImageName(name)).toBeUndefined(),
  );

  it.each(imageExtensions)('is itself again from its file with the extension %s', (extension) => {
    for (const id of ids) expect(idOfImageKey(imageKey(id, extension))).toBe(id);
    for (const id of ['a.png', 'a.png.jpg', '.jpg', 'JK-0815/a'])
      expect(idOfImageKey(imageKey(id, extension), 'string')).toBe(id);
    expect(baseName(`x/images/a.png.${extension}`)).toBe('a.png');
  });

  it.each([0, -1, 1.5, 2 ** 53, Number.NaN, '', ' ', 'x'.repeat(201), 'half \ud83d', null])(
    '%s is none in JSON',
    (value) => {
      expect(idSchema.safeParse(value).success).toBe(false);
    },
  );

  it.each(['0108775015', 'JK-0815/a', '15970', ' 7', 'größe', '😀'.repeat(200)])(
    'the text %s is itself again from its attribute and JSON',
    (id) => {
      expect(idOfItem({ id: idAttribute(id) }, withIds('string'))).toBe(id);
      expect(idSchema.parse(JSON.parse(JSON.stringify(id)))).toBe(id);
      expect(() => checkId(id, 'string')).not.toThrow();
      expect(() => checkId(id)).toThrow('is a string; the ids of this catalogue are of the type number');
    },
  );

  it('sorts as its text does', () => {
    expect([15970, 9, 10].map((id) => ({ id })).sort(byId)).toEqual([{ id: 9 }, { id: 10 }, { id: 15970 }]);
    expect([15970, 9, 10].map(idSortText).sort()).toEqual([9, 10, 15970].map(idSortText));
  });

  it('names the variants of its image, and those of a variant', () => {
    expect(variantKey('jackets/images/15970.jpg', 2)).toBe('images/15970_2.jpg');
    expect(variantKey('jackets/augmented/images/15970_2.jpg', 0)).toBe('images/15970_2_0.jpg');
    expect(baseName('images/15970_2.jpg')).toBe('15970_2');
  });
});
