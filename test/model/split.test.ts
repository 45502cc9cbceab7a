import { describe, expect, it } from 'vitest';
import { readExamples } from '../../src/model/training/examples.js';
import { partOf } from '../../src/model/training/split.js';
import { sampleSource } from '../../src/sample/index.js';

describe('partOf', () => {
  it('puts byte-identical images on the same side', () => {
    for (let i = 0; i < 50; i++) expect(partOf(Uint8Array.of(1, 2, i))).toBe(partOf(Buffer.from([1, 2, i])));
  });

  it('holds out about a tenth', () => {
    const parts = Array.from({ length: 5000 }, (_, i) => partOf(Buffer.from(`image ${i}`)));
    const share = parts.filter((part) => part === 'validation').length / parts.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });
});

describe('examples of products with a column of sides', () => {
  const sample = sampleSource({ products: 60 });
  const input = { width: 6, height: 8, scale: 1, offset: 0 };
  const split = (sideOf: (id: number) => string, image = sample.image) => ({
    ...sample,
    image,
    async *products() {
      for await (const product of sample.products()) yield { ...product, split: sideOf(product.id) };
    },
  });
  const sides = ['train', 'train', 'train', 'validation', 'test'];

  it('are trained on and held out as that says; other sides are left out', async () => {
    const sideOf = (id: number) => sides[id % 5] ?? '';
    const examples = await readExamples(split(sideOf), input);
    expect(examples).toHaveLength(48);
    for (const { product, part } of examples) expect(part === 'train').toBe(sideOf(product.id) === 'train');
    expect(new Set(examples.map(({ part }) => part))).toEqual(new Set(['train', 'validation', 'calibration']));
  });

  it('are refused where the same image is on both', async () => {
    const ids: number[] = [];
    for await (const { id } of sample.products()) ids.push(id);
    const twin = (id: number) => sample.image(id === ids[1] ? (ids[0] ?? 0) : id);
    const leaking = split((id) => (id === ids[1] ? 'validation' : 'train'), twin);
    await expect(readExamples(leaking, input)).rejects.toMatchObject({ code: 'training.leak' });
  });

  it('are divided by their bytes where no product is on the side train', async () => {
    expect(
      await readExamples(
        split(() => 'left'),
        input,
      ),
    ).toHaveLength(60);
  });
});
