import type { CatalogueSource, ProductId } from '../catalogue/index.js';
import { PipelineError } from '../work/index.js';
import { renderProduct } from './render.js';
import { type SampleProduct, sampleProducts } from './rows.js';

/** The size of the sample, and which products it invents. */
export interface SampleOptions {
  /** How many products (default 720). With 600 or more, each of the five queries finds at least ten. */
  products?: number;
  /** A whole number (default 1). Another seed makes other products with the same ids. */
  seed?: number;
}

/**
 * A catalogue for a first look: invented products with the real catalogue's vocabulary and proportions, whose images,
 * JPEGs of 60x80 pixels, are drawn when they are read, in about 10 ms each. Ids count from 1000001. The same options
 * make the same products and the same bytes.
 *
 * @throws PipelineError `sample.badOption` where an option is not a whole number of 0 or more; the source's `image`
 * throws `sample.unknownId` for an id that is not in the sample.
 *
 * @example
 * const source = sampleSource();
 * for await (const product of source.products()) console.log(product.productDisplayName);
 * const jpeg = await source.image(1000001);
 */
export function sampleSource({ products = 720, seed = 1 }: SampleOptions = {}): CatalogueSource {
  for (const [option, value] of Object.entries({ products, seed })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new PipelineError(
        'sample.badOption',
        `The sample's ${option} is ${value}; it takes a whole number from 0 on.`,
        { value },
      );
    }
  }
  const byId = new Map<ProductId, SampleProduct>(
    sampleProducts(products, seed).map((entry) => [entry.product.id, entry]),
  );
  return {
    name: 'the sample',
    async *products(signal) {
      for (const { product } of byId.values()) {
        signal?.throwIfAborted();
        yield { ...product };
      }
    },
    async image(id) {
      const entry = byId.get(id);
      if (!entry) {
        throw new PipelineError('sample.unknownId', `The sample has no product ${id}. ${idRange([...byId.keys()])}`, {
          value: id,
        });
      }
      return renderProduct(entry, seed);
    },
  };
}

const idRange = (ids: readonly ProductId[]): string =>
  ids.length === 0 ? 'It is empty.' : `Its ids go from ${ids[0]} to ${ids.at(-1)}.`;
