import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { folderSource } from '../../src/catalogue/source/folder.js';
import { nearDuplicates, pick, type Scored, score, search, suspectLabels } from '../../src/curation/index.js';
import { similarPairs } from '../../src/curation/similarities.js';
import { loadModel } from '../../src/model/index.js';
import { partOf } from '../../src/model/training/split.js';
import { randomFrom, randomInteger, shuffled } from '../../src/work/random.js';
import { dataset } from '../dataset.js';

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('held-out real images (needs the real images)', () => {
  let scored: Scored<Product>;
  const hashes = new Map<number, string>();
  const strange: number[] = [];
  beforeAll(async () => {
    const model = await loadModel();
    const source = await folderSource(dataset ?? '');
    const products: Product[] = [];
    for await (const product of source.products()) {
      const image = await source.image(product.id);
      const learnt = partOf(image) !== 'validation';
      // What the model says of its own images is what training's rule says.
      if (model.trainedOn?.has(image) !== learnt) strange.push(product.id);
      if (learnt) continue;
      products.push(product);
      hashes.set(product.id, createHash('sha256').update(image).digest('hex'));
      if (products.length === 2000) break;
    }
    scored = await score(model, products, { data: ({ id }) => source.image(id) });
    model.dispose();
  });

  it('are those that the model says it was not trained on', () => {
    expect(strange).toEqual([]);
    expect(scored.trainedOn?.some((learnt) => learnt)).toBe(false);
  });

  it('have every byte-identical twin in one group', async () => {
    const groups = await nearDuplicates(scored);
    const groupOf = new Map(groups.flatMap(({ items }, group) => items.map(({ id }) => [id, group] as const)));
    const firstOf = new Map<string, number>();
    for (const [id, hash] of hashes) {
      const first = firstOf.get(hash);
      if (first === undefined) firstOf.set(hash, id);
      else expect({ id, group: groupOf.get(id) }).toEqual({ id, group: groupOf.get(first) ?? 'none' });
    }
    expect(firstOf.size).toBeLessThan(hashes.size);
  });

  it('have most labels planted at random among the first suspects', () => {
    const { attributes } = scored.model;
    const random = randomFrom(1, 'planted');
    const planted = new Map(
      shuffled(scored.items, random)
        .slice(0, 100)
        .map((item) => {
          const { name = '', labels = [] } = attributes[randomInteger(random, 0, attributes.length - 1)] ?? {};
          const others = labels.filter((label) => label !== Reflect.get(item, name));
          return [item.id, { name, label: others[randomInteger(random, 0, others.length - 1)] }];
        }),
    );
    const items = scored.items.map((item) => {
      const error = planted.get(item.id);
      return error === undefined ? item : { ...item, [error.name]: error.label };
    });
    const found = suspectLabels({ ...scored, items }, { limit: 200 }).filter(
      ({ item, attribute }) => planted.get(item.id)?.name === attribute,
    );
    // 71 when this was written; at random it would be one or two.
    expect(found.length).toBeGreaterThan(50);
  });

  it('are found by words where they have no texts, the first 20 mostly right', () => {
    const hidden = { ...scored, items: scored.items.map(({ id }) => ({ id })) };
    const products = new Map<unknown, Product>(scored.items.map((product) => [product.id, product]));
    const pairs = [
      ['baseColour', 'articleType'],
      ['gender', 'articleType'],
      ['baseColour', 'gender'],
    ] as const;
    const queries = pairs.flatMap((fields) => {
      const counts = new Map<string, number>();
      for (const product of scored.items) {
        const words = fields.map((field) => product[field]).join(' ');
        counts.set(words, (counts.get(words) ?? 0) + 1);
      }
      // Twice as many as are looked at, so that not each of them has to be found.
      return [...counts].filter(([, count]) => count >= 40).map(([words]) => ({ words, fields }));
    });
    const precisions = queries.map(({ words, fields }) => {
      const found = search(hidden, words, { limit: 20 });
      const right = found.filter(({ item }) => {
        const product = products.get(item.id);
        return fields.map((field) => product?.[field]).join(' ') === words;
      });
      return right.length / 20;
    });
    expect(queries.length).toBeGreaterThan(30);
    // 0.91 of 33 when this was written.
    expect(precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length).toBeGreaterThan(0.85);
  });

  it('are covered better by those that are picked to be diverse than by any', async () => {
    const radius = async (by: 'diverse' | 'random') => {
      const { embeddings } = await pick(scored, 100, { by, seed: 1 });
      const { dimensions } = scored;
      const nearest = new Float32Array(scored.items.length).fill(-1);
      await similarPairs(scored, { embeddings, dimensions }, -1, (place, _, similarity) => {
        nearest[place] = Math.max(nearest[place] ?? -1, similarity);
      });
      return 1 - Math.min(...nearest);
    };
    const [diverse, any] = [await radius('diverse'), await radius('random')];
    // 0.39 and 0.54 when this was written.
    expect(diverse).toBeLessThan(0.8 * any);
  });
});
