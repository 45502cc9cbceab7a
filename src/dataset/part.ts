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
  /** Where a model gave embeddings: [rows, dimensions] of float16, little-endian. */
  embeddings?: Uint8Array | undefined;
  failures: readonly Failure[];
}

/** Rows in a part: text of many more rows takes several times their memory, and Node's texts end at half a gigabyte. */
const rowsOfAPart = 1000;

/**
 * The same products in parts of a thousand rows, the last one shorter, so that the files do not depend on how the rows
 * were divided before.
 */
export async function* evenParts(parts: Iterable<Part> | AsyncIterable<Part>): AsyncGenerator<Part> {
  let rest: Part | undefined;
  for await (const part of parts) {
    const all = rest ? joined(rest, part) : part;
    let from = 0;
    for (; all.rows.length - from >= rowsOfAPart; from += rowsOfAPart) yield slice(all, from, from + rowsOfAPart);
    rest = slice(all, from);
  }
  if (rest) yield rest;
}

const joined = (a: Part, b: Part): Part => ({
  rows: [...a.rows, ...b.rows],
  images: [...a.images, ...b.images],
  embeddings:
    a.embeddings && b.embeddings ? Buffer.concat([a.embeddings, b.embeddings]) : (a.embeddings ?? b.embeddings),
  failures: [...a.failures, ...b.failures],
});

/** Some rows of a part, with what belongs to them; the failures go with the first ones. */
function slice({ rows, images, embeddings, failures }: Part, from: number, to = rows.length): Part {
  const bytes = embeddings && rows.length > 0 ? embeddings.length / rows.length : 0;
  return {
    rows: rows.slice(from, to),
    images: images.slice(from, to),
    embeddings: embeddings?.subarray(from * bytes, to * bytes),
    failures: from === 0 ? failures : [],
  };
}

/**
 * Digests rows with their image records, part by part. The digest does not depend on how the rows are divided.
 */
export function digester(): { add(part: Omit<Part, 'failures'>): void; hex(): string } {
  const hash = createHash('sha256');
  return {
    add: ({ rows, images }) => rows.forEach((row, i) => hash.update(JSON.stringify([row, images[i]]))),
    hex: () => hash.digest('hex').slice(0, 32),
  };
}
