import { describe, expect, test } from 'vitest';
import { type Scored, search } from '../../src/curation/index.js';
import { meantBy } from '../../src/curation/search/spelling.js';
import { wordsOf } from '../../src/curation/search/words.js';

const attributes = [
  { name: 'gender', labels: ['Men', 'Women'] },
  { name: 'articleType', labels: ['Tshirts', 'Sports Shoes', 'Necklace and Chains'] },
  { name: 'baseColour', labels: ['Red', 'Navy Blue', 'Blue'] },
] as const;

/** Items of which a model is sure what they are: the places of their labels. */
function seen<T extends { id: number }>(items: readonly T[], labels: readonly (readonly number[])[]): Scored<T> {
  const column = (at: number) =>
    Float32Array.from(
      labels.flatMap((own) => (attributes[at]?.labels ?? []).map((_, i) => (own[at] === i ? 0.9 : 0.05))),
    );
  return {
    model: { name: 'test', fingerprint: '0', attributes: [...attributes] },
    items,
    md5s: items.map(({ id }) => String(id)),
    predictions: items.map(() => ({})),
    scores: { gender: column(0), articleType: column(1), baseColour: column(2) },
    embeddings: new Float32Array(items.length * 2),
    lengths: new Float32Array(items.length).fill(1),
    dimensions: 2,
    failures: [],
  };
}

const products = seen(
  [{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }],
  [
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 1],
    [0, 2, 2],
  ],
);
const ids = (query: string, scored: Scored = products) => search(scored, query).map(({ item }) => item.id);

describe('search in images without texts', () => {
  test.each([
    ['red women tshirts', 1],
    ['red tee for ladies', 1],
    ["women's red t-shirt", 1],
    ['RED T SHIRTS, male', 0],
    ['navy trainers', 2],
    ['navy blue sneaker', 2],
    ['sprots shoes', 2],
    ['necklaces', 3],
    ['blue', 3],
    ['blue or navy shoes', 2],
  ])('%s', (query, id) => {
    expect(ids(query)[0]).toBe(id);
  });

  test('says by what each was found, and how well it fits', () => {
    const [first] = search(products, 'red women');
    expect(first).toMatchObject({
      item: { id: 1 },
      score: expect.closeTo(0.81, 5),
      words: 'baseColour Red 90%, gender Women 90%',
    });
  });

  test('a word that means nothing names the nearest that exist', () => {
    expect(() => ids('red plumbus')).toThrow(/^Nothing here is called 'plumbus'\. /);
    expect(() => ids('rde xx women nike')).toThrow('Nothing here is called');
    expect(() => ids('  , ')).toThrow("The query '  , ' has no words.");
  });

  test.each([
    [{ by: 'sound' }, 'by is sound; it can be both, image, text.'],
    [{ limit: 0 }, 'limit is 0; give a whole number above 0.'],
    [{ minScore: 2 }, 'minScore is 2; give a number from 0 to 1.'],
  ])('refuses %j', (options, says) => {
    expect(() => search(products, 'red', options as object)).toThrow(says);
  });
});

describe('search in images with texts', () => {
  const named = seen(
    [
      { id: 0, productDisplayName: 'Nike Men Red Tee' },
      { id: 1, productDisplayName: 'Puma Tee' },
      { id: 2, productDisplayName: 'Red Tape Women Shoes' },
      { id: 3 },
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 1],
      [0, 0, 0],
    ],
  );
  test('finds words that the model does not know, and their misspelling', () => {
    expect(ids('nike', named)).toEqual([0]);
    expect(ids('nkie tshirt', named)).toEqual([0]);
  });

  test('what is seen counts more than what a text says, and images without a text are found, too', () => {
    expect(ids('red', named)).toEqual([0, 1, 3, 2]);
    expect(
      search(named, 'red', { by: 'text' })
        .map(({ item }) => item.id)
        .sort(),
    ).toEqual([0, 2]);
    expect(search(named, 'red', { by: 'image' }).map(({ item }) => item.id)).toEqual([0, 1, 3, 2]);
  });
});

test('words are compared in the singular, without accents', () => {
  expect(wordsOf("Women's Dresses, scarves & accessories of Café")).toEqual([
    'woman',
    'dress',
    'scarf',
    'accessory',
    'cafe',
  ]);
  expect(wordsOf('watches jeans')).toEqual(wordsOf('Watch jean'));
});

test('two letters that changed places are one mistake', () => {
  expect(meantBy('heles', ['heels', 'flats'])).toEqual(['heels']);
  expect(meantBy('wacthe', ['watch', 'wallet'])).toEqual(['watch']);
  expect(meantBy('hel', ['heel'])).toEqual([]);
});
