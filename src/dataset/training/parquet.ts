import type { Bytes } from '../formats/index.js';
import { type Column, valueIn } from './columns.js';
import { featuresMetadata } from './features.js';
import type { TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { type ParquetColumn, parquetFile } from './parquet-file.js';
import { perSide } from './tables.js';

/** One file for each side, whose images are addresses in S3: `{ bytes: null, path: 's3://…' }`. */
const references: TrainingFormat = {
  about: 'Parquet with the addresses of the images in a column',
  tables: ({ items, columns }) => perSide(items, '.parquet', (own) => withAddresses(own, columns)),
  reading: ({ sides, columns }) => `\`\`\`python
import pyarrow.parquet as pq

rows = pq.read_table(${JSON.stringify(`${sides[0]?.name ?? 'data'}.parquet`)}).to_pylist()
address = rows[0][${JSON.stringify(imageColumn(columns))}]['path']  # s3://…
\`\`\`

Hugging Face's \`datasets\` fetches the images as they are asked for, where \`s3fs\` is installed.`,
};

/** Parquet files with the images in a column, as Hugging Face's `datasets` has them: `{ bytes, path }`. */
export const parquet: TrainingFormat = {
  about: 'Parquet with the images in a column, for pyarrow, DuckDB, polars and Hugging Face',
  shard: {
    extension: '.parquet',
    async open(columns) {
      const file = await openFile(columns);
      return {
        add: (item, bytes) =>
          file.add(valuesOf(item, columns, { bytes, path: `${item.name}${item.extension}` }), bytes.length),
        end: () => file.end(),
      };
    },
  },
  references,
  reading: ({ shards, columns }) => `\`\`\`python
from datasets import load_dataset  # PyTorch: .with_format('torch'); Keras: .to_tf_dataset()

images = load_dataset('parquet', data_files=${JSON.stringify(shards)}, split='train')
image, row = images[0][${JSON.stringify(imageColumn(columns))}], images[0]
\`\`\`

DuckDB and polars read the same files: \`select * from ${JSON.stringify(shards).replaceAll('"', "'")}\`.`,
};

function openFile(columns: readonly Column[]) {
  const all: ParquetColumn[] = [{ name: imageColumn(columns), type: 'image' }, ...columns];
  return parquetFile(all, featuresMetadata(all));
}

const valuesOf = ({ row }: Item, columns: readonly Column[], image: { bytes: Uint8Array | null; path: string }) => [
  image,
  ...columns.map((column) => valueIn(column, row[column.name])),
];

async function* withAddresses(items: readonly Item[], columns: readonly Column[]): AsyncGenerator<Bytes> {
  const file = await openFile(columns);
  for (const item of items) yield* file.add(valuesOf(item, columns, { bytes: null, path: item.row.imagePath }), 0);
  yield* file.end();
}

/** The name of the column of images; a field of that name keeps it. */
function imageColumn(columns: readonly Column[]): string {
  let name = 'image';
  while (columns.some((column) => column.name === name)) name += '_';
  return name;
}
