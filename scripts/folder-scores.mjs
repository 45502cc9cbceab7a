// What evaluate, curate and train-head share: a data set folder's products, scored by a model.
import { folderSource, score } from '../dist/index.js';
import { attributesNamed } from '../dist/internal.js';
import { UsageError } from './cli.mjs';
import { modelOf } from './model-options.mjs';

/** The folder as a source, with its products that have an image; the first `limit` of them. */
export async function openFolder(folder, { limit = Infinity, signal } = {}) {
  if (folder === undefined) throw new UsageError('The folder with styles.csv and images/ is missing');
  const source = await folderSource(folder);
  const products = [];
  for await (const product of source.products(signal)) {
    if (products.length >= limit) break;
    products.push(product);
  }
  return { source, products };
}

/**
 * Runs the model, which has to know the `attributes`, over the images of the products, and over `others`: encoded
 * images without a product.
 */
export async function scoreProducts(
  { source, products },
  options,
  { attributes = [], signal, onProgress, others = [] },
) {
  const model = await modelOf(options);
  console.error(`${model.name} on ${model.backend}`);
  try {
    // A misspelt one should not be heard of minutes later.
    attributesNamed(model.attributes, attributes);
    const data = ({ id }) => source.image(id);
    const scored = await score(model, products, { data, signal, onProgress });
    for (const { id, reason } of scored.failures) console.error(`left out ${id}: ${reason}`);
    const { embeddings } = await score(
      model,
      [...others.keys()].map((id) => ({ id })),
      { data: ({ id }) => others[id], signal },
    );
    return { scored, embeddings };
  } finally {
    model.dispose();
  }
}
