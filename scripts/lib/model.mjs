// What the scripts that run a model share: its options, loading it, and scoring a folder's products.
import { loadModel, score } from '../../dist/index.js';
import { attributesNamed, concurrently, Tracker } from '../../dist/internal.js';

/**
 * @import { CatalogueSource, Model, OnProgress, Product } from '../../dist/index.js'
 * @import { Options, Values } from './options.mjs'
 */

/** The options of the scripts that run a model. */
export const modelOptions = /** @satisfies {Options} */ ({
  model: {
    type: 'string',
    value: 'SOURCE',
    help: 'its folder, s3://bucket/prefix or https://host/path (default: the one that ships with the kit)',
  },
  backend: {
    type: 'string',
    value: 'NAME',
    choices: /** @type {const} */ (['tensorflow', 'wasm']),
    help: 'tensorflow or wasm (default: tensorflow where it is installed)',
  },
});

/** The options of the scripts that label many images. */
export const labelOptions = /** @satisfies {Options} */ ({
  ...modelOptions,
  processes: {
    type: 'integer',
    min: 0,
    help:
      'run the model in so many processes (default: one a core on wasm; on tensorflow none but this one, or one a ' +
      'core for 10,000 images and more)',
  },
});

/** The model that these options name. @param {Values<typeof labelOptions>} options */
export const modelOf = ({ model, backend, processes }) => loadModel(model, { backend, processes });

/**
 * Runs the model, which has to know the `attributes`, over the images of the products, and over `others`: encoded
 * images without a product. With `fresh` only over those that it was not trained on, where it says which they are.
 *
 * @param {{ source: CatalogueSource, products: readonly Product[] }} folder
 * @param {Values<typeof labelOptions>} options
 * @param {{
 *   attributes?: readonly string[] | undefined,
 *   signal: AbortSignal,
 *   onProgress: OnProgress,
 *   others?: readonly Uint8Array[],
 *   fresh?: boolean,
 * }} step
 */
export async function scoreProducts(
  { source, products },
  options,
  { attributes = [], signal, onProgress, others = [], fresh = false },
) {
  const model = await modelOf(options);
  console.error(`${model.name} on ${model.backend}`);
  try {
    // A misspelt one should be reported now, not minutes later.
    attributesNamed(model.attributes, attributes);
    const chosen = fresh ? await notTrainedOn(model, source, products, { signal, onProgress }) : products;
    const scored = await score(model, chosen, { data: ({ id }) => source.image(id), signal, onProgress });
    for (const { id, reason } of scored.failures) console.error(`left out ${id}: ${reason}`);
    const images = others.map((image, id) => ({ id, image }));
    const { embeddings } = await score(model, images, { data: ({ image }) => image, signal });
    return { scored, embeddings };
  } finally {
    model.dispose();
  }
}

/**
 * The products whose image the model was not trained on; all of them where it does not say.
 *
 * @param {Model} model
 * @param {CatalogueSource} source
 * @param {readonly Product[]} products
 * @param {{ signal: AbortSignal, onProgress: OnProgress }} step
 */
async function notTrainedOn({ trainedOn }, source, products, { signal, onProgress }) {
  if (!trainedOn) return products;
  const tracker = new Tracker('read', 'images', products.length, onProgress);
  const known = await concurrently(
    products,
    async ({ id }) => {
      // One that cannot be read is reported as it is scored.
      const image = await source.image(id).catch(() => undefined);
      tracker.tick();
      return image !== undefined && trainedOn.has(image);
    },
    { concurrency: 16, signal },
  );
  tracker.end();
  return products.filter((_, i) => !known[i]);
}
