import { type FileFormat, formats, type Totals } from './formats/index.js';
import type { Manifest } from './manifest.js';
import { embeddingsName } from './part.js';

/** A JSON array, an element a line: small, and readable in a diff. */
function jsonArray() {
  let before = '\n';
  return {
    some: (items: readonly unknown[]): string =>
      items
        .map((item) => {
          const line = `${before}${JSON.stringify(item)}`;
          before = ',\n';
          return line;
        })
        .join(''),
    end: (): string => (before === '\n' ? ']' : '\n]'),
  };
}

/** The rows: the file that makes a folder a data set. */
export const metadataFile: FileFormat = {
  file: 'metadata.json',
  type: 'application/json',
  open() {
    const array = jsonArray();
    return { start: '[', part: ({ rows }) => array.some(rows), end: () => `${array.end()}\n` };
  },
};

/** The file of the lineage. */
export const manifestName = 'manifest.json';

/**
 * The lineage: indented, but each image on one line. It ends with the digest of the rows and images, which tells
 * whether a metadata.json belongs to it.
 */
export const manifestFile = (
  head: Omit<Manifest, keyof Totals | 'images' | 'digest'>,
  digest: () => string,
): FileFormat => ({
  file: manifestName,
  type: 'application/json',
  open() {
    const array = jsonArray();
    return {
      start: `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "images": [`,
      part: ({ images }) => array.some(images),
      end: ({ failures, count, dimensions }) =>
        `${array.end()},\n${JSON.stringify({ failures, count, dimensions, digest: digest() }, null, 2).slice(2)}\n`,
    };
  },
});

/** The embeddings, where a model gave any. */
export const embeddingsFile: FileFormat = {
  file: embeddingsName,
  type: 'application/octet-stream',
  open: () => ({
    start: '',
    part: ({ embeddings }) => embeddings ?? '',
    end: ({ dimensions }) => (dimensions === undefined ? undefined : ''),
  }),
};

/** The files that every data set may have. */
export const dataSetFiles: readonly string[] = [
  metadataFile.file,
  manifestName,
  ...Object.values(formats).map(({ file }) => file),
];
