import { createHash } from 'node:crypto';
import type { Failure } from '../catalogue/index.js';
import type { Manifest } from './manifest.js';
import type { Row } from './row.js';

/** The file of a data set's embeddings. */
export const embeddingsName = 'embeddings.f16';

export type ImageRecord = Manifest['images'][number];

/**
 * Some products of a data set, in the order of their ids: a row and an image record each, and what failed among them.
 */
export interface Part {
  rows: readonly Row[];
  /** One for each row, in the same order. */
  images: readonly ImageRecord[];
  /** Of images that a model with an embedding has seen: [rows, dimensions] of float16, little-endian. */
  embeddings?: Uint8Array | undefined;
  failures: readonly Failure[];
}

/** Text made of many more rows at once would take several times their memory, and has an end at half a gigabyte. */
const mostRows = 1000;

/** A part as parts of a thousand rows, the last one shorter. */
export function* slices(part: Part): Generator<Part> {
  const { rows, images, embeddings, failures } = part;
  if (rows.length <= mostRows) {
    yield part;
    return;
  }
  const bytes = (embeddings?.length ?? 0) / rows.length;
  for (let from = 0; from < rows.length; from += mostRows) {
    const to = from + mostRows;
    yield {
      rows: rows.slice(from, to),
      images: images.slice(from, to),
      embeddings: embeddings?.subarray(from * bytes, to * bytes),
      failures: from === 0 ? failures : [],
    };
  }
}

/**
 * Digests rows with their image records, part by part: the same for the same contents, however they are cut into parts.
 */
export function digester(): { add(part: Omit<Part, 'failures'>): void; hex(): string } {
  const hash = createHash('sha256');
  return {
    add: ({ rows, images }) => rows.forEach((row, i) => hash.update(JSON.stringify([row, images[i]]))),
    hex: () => hash.digest('hex').slice(0, 32),
  };
}
