import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Aws } from '../../src/aws/index.js';
import type { Product } from '../../src/catalogue/product.js';
import { folderSource } from '../../src/catalogue/source/folder.js';
import { Dataset, type Manifest } from '../../src/dataset/index.js';
import { metadataColumns, type Row, toRow } from '../../src/dataset/row.js';
import type { Shares, SplitOptions } from '../../src/dataset/split/index.js';
import { splitRows } from '../../src/dataset/split/split-rows.js';
import { randomFrom, shuffled } from '../../src/work/random.js';
import { dataset } from '../dataset.js';

const shares = { train: 0.8, validation: 0.1, test: 0.1 };
const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');
const row = (product: Product) => toRow(product, `s3://bucket/all/images/${product.id}.jpg`, metadataColumns);
/** Rows of which each `twin`th has the image of the one before. */
function drawn(number: number, { classes = ['a', 'b', 'c'], twin = 30 } = {}): { rows: Row[]; md5s: string[] } {
  const random = randomFrom(5, 'drawn');
  const rows = Array.from({ length: number }, (_, i) =>
    row({ id: i + 1, articleType: classes[Math.floor(random() * classes.length)] ?? '' }),
  );
  return { rows, md5s: rows.map((_, i) => md5(String(i > 0 && i % twin === 0 ? i - 1 : i))) };
}
/** A data set of rows, of which each image has its MD5. */
function dataSet(some: readonly Row[], md5s: readonly string[]): Dataset {
  const images = some.map(({ id, imagePath }, i) => ({
    id,
    file: imagePath.slice(17),
    etag: md5s[i] ?? '',
    source: '',
  }));
  const manifest = { version: 1, kit: '0', kind: 'export', count: some.length, failures: [], images };
  return new Dataset({ bucket: 'bucket' } as Aws, 'all', some, manifest as Manifest);
}
const code = (make: () => unknown): string => {
  try {
    make();
    return 'no error';
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
};

describe('a split', () => {
  const { rows, md5s } = drawn(3000);

  it('has each row on one side, with the column, about as the shares say', async () => {
    const split = await dataSet(rows, md5s).split(shares);
    expect([...split.train.rows, ...split.validation.rows, ...split.test.rows].map(({ id }) => id).sort()).toEqual(
      rows.map(({ id }) => id).sort(),
    );
    expect(split.all.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(new Set(split.test.rows.map((one) => one.split))).toEqual(new Set(['test']));
    expect(split.test.view?.rule).toBe("split into train 80%, validation 10%, test 10%, seed 0; split = 'test'");
    for (const { name, share } of split.sizes)
      expect(Math.abs(share - shares[name as keyof typeof shares])).toBeLessThan(0.03);
    expect(inspect(split)).toMatch(/^3,000 rows: train 2,\d{3} \(\d\d\.\d%\), validation \d{3} \(.*%\), test \d{3} /);
  });

  it('is the same for the same seed, whatever the order of the rows, and another for another', () => {
    const sideOf = (some: readonly Row[], seed: number) => {
      const places = new Map(rows.map(({ id }, i) => [id, md5s[i] ?? '']));
      const { sides } = splitRows(
        some,
        some.map(({ id }) => places.get(id) ?? ''),
        shares,
        { seed },
      );
      return new Map(some.map(({ id }, i) => [id, sides[i]]));
    };
    const mixed = shuffled(rows, randomFrom(1, 'mixed'));
    expect([...sideOf(mixed, 7)].sort()).toEqual([...sideOf(rows, 7)].sort());
    expect([...sideOf(rows, 8)].sort()).not.toEqual([...sideOf(rows, 7)].sort());
  });

  it('moves no row when others are added or taken away', () => {
    const before = splitRows(rows.slice(0, 2000), md5s.slice(0, 2000), shares).sides;
    expect(splitRows(rows, md5s, shares).sides.slice(0, 2000)).toEqual(before);
  });

  it('within classes moves none either, where the earlier one is to be kept', async () => {
    const stratify = 'articleType';
    const few = await dataSet(rows.slice(0, 2000), md5s.slice(0, 2000)).split(shares, { stratify });
    const more = await dataSet(rows, md5s).split(shares, { stratify, keep: few });
    expect(more.all.rows.slice(0, 2000)).toEqual(few.all.rows);
    expect(more.moved).toEqual([]);
    for (const { name, share } of more.sizes)
      expect(Math.abs(share - shares[name as keyof typeof shares])).toBeLessThan(0.01);
  });

  it('says which kept rows must move, when a new row belongs to those of two sides', async () => {
    const few = await dataSet(rows.slice(0, 100), md5s.slice(0, 100)).split(shares);
    const [a] = few.train.rows;
    const [b] = few.test.rows;
    const groups = [{ items: [{ id: a?.id ?? 0 }, { id: b?.id ?? 0 }, { id: 101 }] }];
    const more = await dataSet(rows.slice(0, 101), md5s.slice(0, 101)).split(shares, {
      keep: few.all,
      together: groups,
    });
    expect(more.moved).toHaveLength(1);
    expect(inspect(more)).toContain(`1 row changed sides, since new rows join groups: ${more.moved[0]}`);
  });

  it('never tears apart equal images, the images of one product, a field, or groups', () => {
    const families = rows.map((one, i) => ({ ...one, family: `f${Math.floor(i / 7)}` }));
    const variants = families.flatMap((one) => [one, { ...one, imagePath: `${one.imagePath}_1.jpg` }]);
    const own = variants.map((_, i) => md5(`${i}`));
    const bothSides = (some: readonly Row[], keys: readonly unknown[], options: SplitOptions) => {
      const sides = new Map<unknown, string>();
      const md5sOf = some.length === rows.length ? md5s : own;
      return splitRows(some, md5sOf, shares, options).sides.filter((side, i) => {
        const known = sides.get(keys[i]);
        sides.set(keys[i], side);
        return known !== undefined && known !== side;
      }).length;
    };
    expect(bothSides(rows, md5s, {})).toBe(0);
    expect(bothSides(rows, md5s, { stratify: 'articleType' })).toBe(0);
    expect(
      bothSides(
        variants,
        variants.map(({ id }) => id),
        {},
      ),
    ).toBe(0);
    expect(
      bothSides(
        families,
        families.map(({ family }) => family),
        { together: 'family' },
      ),
    ).toBe(0);
    const groups = [{ items: rows.slice(0, 40) }, { items: rows.slice(100, 140) }];
    const keys = rows.map((_, i) => (i < 40 ? 'a' : i >= 100 && i < 140 ? 'b' : i));
    expect(bothSides(rows, keys, { together: groups })).toBe(0);
    // Without a rule of its own the same rows are torn apart.
    expect(
      bothSides(
        families,
        families.map(({ family }) => family),
        {},
      ),
    ).toBeGreaterThan(100);
  });

  it('has each class of three groups on every side, and names those that are smaller', async () => {
    const classes = ['one', 'two', 'two', 'three', 'three', 'three'].concat(Array(5).fill('five'));
    const few = classes.map((articleType, i) => row({ id: i + 1, articleType }));
    const split = await dataSet(
      few,
      few.map(({ id }) => md5(String(id))),
    ).split(shares, { stratify: ['articleType'] });
    for (const side of [split.train, split.validation, split.test]) {
      const there = new Set(side.rows.map(({ articleType }) => articleType));
      expect([...there]).toEqual(expect.arrayContaining(['three', 'five']));
    }
    expect(split.small).toEqual([
      { values: ['one'], ids: [1] },
      { values: ['two'], ids: [2, 3] },
    ]);
    expect(inspect(split)).toContain('2 classes with too few images to be on every side: one (1); two (2, 3)');
  });

  it.each<[string, Shares, SplitOptions]>([
    ['split.badShares', { train: 0.8, test: 0.1 }, {}],
    ['split.badShares', { train: 1.2, test: -0.2 }, {}],
    ['split.badShares', { train: 1 }, {}],
    ['split.badShares', {}, {}],
    ['split.badShares', { train: Number.NaN, test: 0.5 }, {}],
    ['split.badName', { '': 0.5, test: 0.5 }, {}],
    ['split.badName', { '../up': 0.5, test: 0.5 }, {}],
    ['split.badName', { all: 0.5, test: 0.5 }, {}],
    ['split.unknownField', shares, { stratify: 'artikelType' }],
    ['split.unknownField', shares, { together: 'family' }],
    ['split.badTogether', shares, { together: [{ id: 1 }] as never }],
    ['split.oneGroup', shares, { together: 'masterCategory' }],
    ['split.badSeed', shares, { seed: 0.5 }],
    ['split.badKeep', shares, { keep: { rows } }],
  ])('%s: %j %j', (expected, wrong, options) => {
    const same = rows.map((one) => ({ ...one, masterCategory: 'Apparel' }));
    expect(code(() => splitRows(same, md5s, wrong, options))).toBe(expected);
  });

  it('of no rows has no rows', async () => {
    const { sizes } = await dataSet([], []).split(shares);
    expect(sizes.map((side) => side.rows)).toEqual([0, 0, 0]);
  });
});

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('a split of the real catalogue (needs the real images)', () => {
  const rows: Row[] = [];
  const md5s: string[] = [];
  beforeAll(async () => {
    const source = await folderSource(dataset ?? '');
    for await (const product of source.products()) {
      rows.push(row(product));
      md5s.push(md5(await source.image(product.id)));
    }
  });

  it('has no image on two sides, each class in its share, and moves nothing for 1,000 rows more', () => {
    const stratify = 'articleType';
    const { sides, small } = splitRows(rows, md5s, shares, { stratify });
    const sidesOfImage = new Map<string, Set<string>>();
    const classes = new Map<unknown, string[]>();
    rows.forEach((one, i) => {
      const [image = '', side = ''] = [md5s[i], sides[i]];
      sidesOfImage.set(image, (sidesOfImage.get(image) ?? new Set()).add(side));
      classes.set(one.articleType, [...(classes.get(one.articleType) ?? []), side]);
    });
    expect(sidesOfImage.size).toBeLessThan(rows.length - 500);
    expect([...sidesOfImage.values()].filter((on) => on.size > 1)).toEqual([]);
    const off = [...classes].flatMap(([name, on]) =>
      on.length < 100
        ? []
        : Object.entries(shares)
            .map(([side, share]) => ({ name, side, off: on.filter((one) => one === side).length / on.length - share }))
            .filter(({ off }) => Math.abs(off) > 0.02),
    );
    expect(off).toEqual([]);
    const tiny = new Set(small.map(({ values }) => values[0]));
    expect([...classes].filter(([name, on]) => !tiny.has(name) && new Set(on).size < 3)).toEqual([]);

    const old = rows.length - 1000;
    const alone = splitRows(rows.slice(0, old), md5s.slice(0, old), shares, { seed: 3 });
    expect(splitRows(rows, md5s, shares, { seed: 3 }).sides.slice(0, old)).toEqual(alone.sides);
  });
});
