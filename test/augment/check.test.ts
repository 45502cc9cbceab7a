import { describe, expect, it } from 'vitest';
import * as augment from '../../src/augment/index.js';
import { applyTransforms, checkTransforms, drawTransforms, transformNames } from '../../src/augment/index.js';
import { randomFrom } from '../../src/work/random.js';
import { changed, speckled } from './pictures.js';

const all = [
  augment.randomCrop(50, 70),
  augment.centerCrop(40, 60, { p: 0.5 }),
  augment.resize(60, 80, { kernel: 'bicubic' }),
  augment.pad(64, 96),
  augment.horizontalFlip(),
  augment.verticalFlip(),
  augment.rotate({ limit: [5, 10] }),
  augment.affine({ scale: [0.9, 1.1], translate: 0.1, rotate: 5, shear: 3 }),
  augment.brightnessContrast(),
  augment.hueSaturation(),
  augment.gaussianBlur(),
  augment.gaussianNoise(),
  augment.coarseDropout(),
  augment.toGray(),
  augment.jpegCompression(),
  augment.compose(augment.horizontalFlip(), augment.oneOf([augment.toGray(), augment.gaussianBlur()], { p: 0.2 })),
  augment.oneOf([augment.toGray()]),
  augment.someOf(1, [augment.toGray(), augment.verticalFlip()]),
];

const failure = (code: string, ...parts: string[]) =>
  expect.objectContaining({
    name: 'PipelineError',
    code,
    message: expect.stringMatching(new RegExp(parts.join('.*'), 's')),
  });

describe('a constructor', () => {
  it('exists for every transform and gives data that survives JSON and the check unchanged', () => {
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set(transformNames));
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    expect(checkTransforms(JSON.parse(JSON.stringify(all)))).toEqual(all);
  });

  it('writes the name, the options and the defaults, and a probability only where one is given', () => {
    expect(augment.randomCrop(50, 70)).toEqual({ name: 'randomCrop', width: 50, height: 70 });
    expect(augment.rotate({ limit: 20, p: 0.5 })).toEqual({
      name: 'rotate',
      limit: [-20, 20],
      fill: [255, 255, 255],
      p: 0.5,
    });
  });

  it.each<[string, () => unknown, string[]]>([
    ['a width of 0', () => augment.randomCrop(0, 70), ['randomCrop: width', 'whole number from 1', 'not 0']],
    ['a fraction of a pixel', () => augment.resize(10, 2.5), ['resize: height', 'not 2.5']],
    ['a width that is no number', () => augment.centerCrop(NaN, 2), ['centerCrop: width', 'whole number']],
    ['an enormous size', () => augment.resize(10 ** 6, 10), ['16384', 'not 1000000']],
    ['a probability above 1', () => augment.toGray({ p: 1.5 }), ['toGray: p', 'from 0 to 1', 'not 1.5']],
    [
      'a range the wrong way round',
      () => augment.gaussianBlur({ sigma: [3, 1] }),
      ['gaussianBlur: sigma', '\\[low, high\\]', 'not \\[3,1\\]'],
    ],
    [
      'a range beyond the limits',
      () => augment.brightnessContrast({ brightness: 3 }),
      ['brightness', 'from -1 to 1', 'not 3'],
    ],
    [
      'a quality of 101',
      () => augment.jpegCompression({ quality: 101 }),
      ['jpegCompression: quality', '100', 'not 101'],
    ],
    [
      'a colour of two levels',
      () => augment.pad(9, 9, JSON.parse('{ "fill": [1, 2] }')),
      ['pad: fill', 'grey level or \\[red'],
    ],
    [
      'a misspelt option',
      () => augment.rotate(JSON.parse('{ "limt": 3 }')),
      ["rotate has no 'limt'", "mean 'limit'", 'takes limit, fill, p'],
    ],
    [
      'an unknown kernel',
      () => augment.resize(9, 9, JSON.parse('{ "kernel": "lanczos" }')),
      ['kernel', "'bilinear'", 'not "lanczos"'],
    ],
    ['no transforms to choose from', () => augment.oneOf([]), ['oneOf: transforms', 'at least one']],
    ['a count of 0', () => augment.someOf(0, [augment.toGray()]), ['someOf: n', 'not 0']],
  ])('refuses %s, naming the value and the remedy', (_what, make, parts) => {
    expect(make).toThrow(failure('augment.invalidOption', ...parts));
  });
});

describe('checkTransforms', () => {
  it('fills in what constructors fill in', () => {
    expect(checkTransforms([{ name: 'resize', width: 3, height: 4 }])).toEqual([augment.resize(3, 4)]);
    expect(checkTransforms([{ name: 'oneOf', transforms: [{ name: 'gaussianBlur', sigma: 1 }] }])).toEqual([
      augment.oneOf([augment.gaussianBlur({ sigma: 1 })]),
    ]);
  });

  it('names the transform that an unknown name may mean, or all of them', () => {
    expect(() => checkTransforms([{ name: 'randomCorp', width: 1, height: 1 }])).toThrow(
      failure('augment.unknownTransform', "'randomCorp'", "mean 'randomCrop'"),
    );
    expect(() => checkTransforms([{ name: 'oneOf', transforms: [{ name: 'sharpen!' }] }])).toThrow(
      failure('augment.unknownTransform', 'sharpen', 'toGray'),
    );
  });

  it('finds wrong options inside groups', () => {
    const data = [
      { name: 'compose', transforms: [{ name: 'someOf', n: 1, transforms: [{ name: 'rotate', limit: 'far' }] }] },
    ];
    expect(() => checkTransforms(data)).toThrow(failure('augment.invalidOption', 'rotate: limit', 'not "far"'));
    expect(() => checkTransforms([{ name: 'randomCrop', width: 5 }])).toThrow(
      failure('augment.invalidOption', 'randomCrop: height', 'missing'),
    );
  });

  it.each([undefined, null, {}, 'toGray', [1], [{}], [{ name: 3 }]])(
    'refuses %j, which is no list of transforms',
    (value) => {
      expect(() => checkTransforms(value)).toThrow(failure('augment.invalidTransforms', 'must be a list'));
    },
  );
});

describe('every transform', () => {
  const image = speckled(60, 80);

  it.each(all.map((transform) => [transform.name, transform] as const))(
    '%s: recorded parameters survive JSON and give the same pixels',
    async (_name, transform) => {
      for (let seed = 0; seed < 5; seed++) {
        const applied = drawTransforms([transform], randomFrom(seed), image);
        const recorded = JSON.parse(JSON.stringify(applied));
        expect(recorded).toEqual(applied);
        expect(await applyTransforms(image, recorded)).toEqual(await changed(image, transform, seed));
      }
    },
  );

  it('leaves the given image as it was and gives bytes that fit its size', async () => {
    const before = image.data.slice();
    for (const transform of all) {
      const { data, width, height } = await changed(image, transform);
      expect(data.length).toBe(width * height * 3);
      expect(data).toBeInstanceOf(Uint8Array);
    }
    expect(image.data).toEqual(before);
  });

  it('refuses recorded parameters that are wrong', async () => {
    await expect(applyTransforms(image, [{ name: 'rotate', angle: 'far' }])).rejects.toMatchObject({
      code: 'augment.invalidParameter',
      message: expect.stringContaining('angle'),
    });
    await expect(applyTransforms(image, [{ name: 'spin' }])).rejects.toMatchObject({
      code: 'augment.unknownTransform',
    });
  });
});
