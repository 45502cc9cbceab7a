import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { colours } from '../../src/sample/colours.js';
import { sampleSource } from '../../src/sample/index.js';

async function productsOf(options?: Parameters<typeof sampleSource>[0]): Promise<Product[]> {
  const products: Product[] = [];
  for await (const product of sampleSource(options).products()) products.push(product);
  return products;
}

const spread = <T>(values: T[]) =>
  [...new Set(values)].map((value) => values.filter((other) => other === value).length);

describe('the products of the sample', () => {
  it.each([{}, { products: 600, seed: 5 }])('give the five queries something to find (%o)', async (options) => {
    const products = await productsOf(options);
    const shoes = products.filter((p) => p.gender === 'Men' && p.subCategory === 'Shoes' && (p.year ?? 0) > 2012);
    expect(shoes.length).toBeGreaterThanOrEqual(40);
    expect(new Set(shoes.map((p) => p.articleType)).size).toBe(3);
    const from2011 = products.filter((p) => p.year === 2011);
    const sports = from2011.filter(
      (p) => p.gender === 'Women' && p.masterCategory === 'Footwear' && p.usage === 'Sports',
    );
    expect(sports.length).toBeGreaterThanOrEqual(15);
    const heels = from2011.filter((p) => p.gender === 'Unisex' && p.articleType === 'Heels' && p.usage === 'Casual');
    expect(heels.length).toBeGreaterThanOrEqual(10);
  });

  it('use the vocabulary of the real catalogue', async () => {
    const products = await productsOf({ products: 3000 });
    for (const product of products) {
      expect(realTypes[`${product.masterCategory}/${product.subCategory}`]).toContain(product.articleType);
      expect(['Men', 'Women', 'Unisex', 'Boys', 'Girls']).toContain(product.gender);
      expect(['Summer', 'Fall', 'Winter', 'Spring', undefined]).toContain(product.season);
      expect(['Casual', 'Sports', 'Ethnic', 'Formal', 'Smart Casual', 'Party', 'Travel', undefined]).toContain(
        product.usage,
      );
      expect(product.year ?? 2012).toBeGreaterThanOrEqual(2008);
      expect(product.year ?? 2012).toBeLessThanOrEqual(2018);
      expect(realColours).toContain(product.baseColour);
    }
    expect(new Set(products.map((p) => p.articleType)).size).toBe(Object.values(realTypes).flat().length);
  });

  it('have ids of their own, counted from 1000001, and names that say what they are', async () => {
    const products = await productsOf();
    expect(products.map((p) => p.id)).toEqual(products.map((_, index) => 1000001 + index));
    expect(products).toHaveLength(720);
    for (const { productDisplayName, gender, baseColour } of products) {
      expect(productDisplayName).toMatch(new RegExp(`^\\w.* ${gender} .*${baseColour} \\w`));
    }
  });

  it('lack a season, a year or a usage now and then', async () => {
    const products = await productsOf({ products: 2000 });
    for (const field of ['season', 'year', 'usage'] as const) {
      const lacking = products.filter((p) => !(field in p)).length;
      expect(lacking).toBeGreaterThan(0);
      expect(lacking).toBeLessThan(100);
    }
  });

  it('spread unevenly over seasons and years, as the real ones do', async () => {
    const products = await productsOf();
    for (const field of ['season', 'year'] as const) {
      const counts = spread(products.flatMap((p) => p[field] ?? []));
      expect(Math.max(...counts)).toBeGreaterThan(3 * Math.min(...counts));
    }
  });

  it('are the same each time, and others under another seed', async () => {
    expect(await productsOf()).toEqual(await productsOf());
    expect(await productsOf({ products: 50, seed: 2 })).not.toEqual(await productsOf({ products: 50 }));
    expect((await productsOf({ products: 900 })).slice(0, 720)).toEqual(await productsOf());
  });

  it('stop where the signal says so', async () => {
    await expect(async () => {
      for await (const product of sampleSource().products(AbortSignal.abort())) expect(product).toBeUndefined();
    }).rejects.toThrow(/abort/i);
  });
});

describe('the images of the sample', () => {
  it('are JPEGs of 60x80 pixels with three channels, on white, for each article type', async () => {
    const source = sampleSource();
    for (const product of onePerType(await productsOf())) {
      const bytes = await source.image(product.id);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 60, height: 80, channels: 3 });
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect(Math.min(...[0, 59, 79 * 60, 80 * 60 - 1].map((pixel) => data[pixel * 3] ?? 0))).toBeGreaterThan(245);
    }
  });

  it('have the same bytes each time', async () => {
    const [first, again] = [sampleSource(), sampleSource()];
    for (const { id } of onePerType(await productsOf())) {
      expect(Buffer.compare(await first.image(id), await again.image(id))).toBe(0);
    }
  });

  it('show the base colour', async () => {
    const source = sampleSource({ products: 2000 });
    const products = (await productsOf({ products: 2000 }))
      .filter((p) => plainTypes.includes(p.articleType ?? ''))
      .filter((p) => !/Printed|Striped|Check/.test(p.productDisplayName ?? ''));
    const perColour = [...new Map(products.map((p) => [`${p.articleType}/${p.baseColour}`, p])).values()];
    expect(perColour.length).toBeGreaterThan(60);
    const far: string[] = [];
    for (const product of perColour) {
      const named = colours[product.baseColour ?? ''] ?? [];
      const seen = await dominantColour(await source.image(product.id));
      const distance = Math.hypot(...seen.map((channel, i) => channel - (named[i] ?? 0)));
      if (distance > 50) far.push(`${product.id} ${product.productDisplayName}: ${seen.join()}`);
    }
    expect(far).toEqual([]);
  });

  it('show a white product on the white ground', async () => {
    const source = sampleSource();
    const white = onePerType((await productsOf()).filter((p) => p.baseColour === 'White'));
    expect(white.length).toBeGreaterThan(5);
    for (const { id } of white) {
      const { data } = await sharp(await source.image(id))
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(data.filter((value: number) => value < 225).length).toBeGreaterThan(150);
    }
  });

  it('differ between two products of a kind and colour', async () => {
    const source = sampleSource();
    const black = (await productsOf()).filter((p) => p.articleType === 'Watches' && p.baseColour === 'Black');
    const images = await Promise.all(
      black.map(async ({ id }) => Buffer.from(await source.image(id)).toString('base64')),
    );
    expect(images.length).toBeGreaterThan(2);
    expect(new Set(images).size).toBe(images.length);
  });

  it('exist for the ids of the sample alone', async () => {
    await expect(sampleSource().image(15970)).rejects.toMatchObject({
      code: 'sample.unknownId',
      value: 15970,
      message: expect.stringContaining('1000001 to 1000720'),
    });
  });

  it.each([{ products: -1 }, { products: 1.5 }, { seed: Number.NaN }])(
    'and options that make no sense are refused (%o)',
    (options) => {
      expect(() => sampleSource(options)).toThrow(expect.objectContaining({ code: 'sample.badOption' }));
    },
  );
});

const onePerType = (products: Product[]) => [...new Map(products.map((p) => [p.articleType, p])).values()];

/** The mean of the most frequent colour, in steps of 48, of what is not background. */
async function dominantColour(bytes: Uint8Array): Promise<number[]> {
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const byStep = new Map<string, number[][]>();
  for (let i = 0; i < data.length; i += 3) {
    const pixel = [...data.subarray(i, i + 3)];
    if (Math.min(...pixel) >= 247) continue;
    const step = pixel.map((value) => Math.floor(value / 48)).join();
    const pixels = byStep.get(step);
    if (pixels) pixels.push(pixel);
    else byStep.set(step, [pixel]);
  }
  const most = [...byStep.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
  return [0, 1, 2].map((channel) =>
    Math.round(most.reduce((sum, pixel) => sum + (pixel[channel] ?? 0), 0) / most.length),
  );
}

/** Types that are of one colour all over when they have no pattern. */
const plainTypes = [
  'Tshirts',
  'Shirts',
  'Tops',
  'Trousers',
  'Skirts',
  'Handbags',
  'Wallets',
  'Ties',
  'Casual Shoes',
  'Flip Flops',
];

const realTypes: Record<string, string[]> = {
  'Apparel/Topwear': ['Tshirts', 'Shirts', 'Kurtas', 'Tops', 'Sweatshirts'],
  'Apparel/Dress': ['Dresses'],
  'Apparel/Bottomwear': ['Jeans', 'Trousers', 'Shorts', 'Track Pants', 'Skirts'],
  'Footwear/Shoes': ['Casual Shoes', 'Sports Shoes', 'Formal Shoes', 'Heels', 'Flats'],
  'Footwear/Flip Flops': ['Flip Flops'],
  'Footwear/Sandal': ['Sandals'],
  'Accessories/Watches': ['Watches'],
  'Accessories/Bags': ['Handbags', 'Backpacks', 'Clutches'],
  'Accessories/Wallets': ['Wallets'],
  'Accessories/Eyewear': ['Sunglasses'],
  'Accessories/Belts': ['Belts'],
  'Accessories/Ties': ['Ties'],
  'Accessories/Headwear': ['Caps'],
  'Accessories/Socks': ['Socks'],
  'Personal Care/Fragrance': ['Perfume and Body Mist'],
  'Personal Care/Nails': ['Nail Polish'],
  'Personal Care/Lips': ['Lipstick'],
};

const realColours = [
  'Beige',
  'Black',
  'Blue',
  'Bronze',
  'Brown',
  'Charcoal',
  'Copper',
  'Cream',
  'Gold',
  'Green',
  'Grey',
  'Khaki',
  'Lavender',
  'Magenta',
  'Maroon',
  'Mustard',
  'Navy Blue',
  'Off White',
  'Olive',
  'Orange',
  'Peach',
  'Pink',
  'Purple',
  'Red',
  'Silver',
  'Steel',
  'Tan',
  'Teal',
  'Turquoise Blue',
  'White',
  'Yellow',
];
