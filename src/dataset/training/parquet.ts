import { type Column, valueIn } from './columns.js';
import { featuresMetadata } from './features.js';
import type { TrainingFormat } from './format.js';
import { type ParquetColumn, parquetFile } from './parquet-file.js';

/** Parquet files with the images in a column, as Hugging Face's `datasets` has them: `{ bytes, path }`. */
export const parquet: TrainingFormat = {
  about: 'Parquet with the images in a column, for pyarrow, DuckDB, polars and Hugging Face',
  shard: {
    extension: '.parquet',
    async open(columns) {
      const all: ParquetColumn[] = [{ name: imageColumn(columns), type: 'image' }, ...columns];
      const file = await parquetFile(all, featuresMetadata(all));
      return {
        add({ name, extension, row }, bytes) {
          const image = { bytes, path: `${name}${extension}` };
          return file.add([image, ...columns.map((column) => valueIn(column, row[column.name]))], bytes.length);
        },
        end: () => file.end(),
      };
    },
  },
  reading: ({ shards, columns }) => `\`\`\`python
from datasets import load_dataset  # PyTorch: .with_format('torch'); Keras: .to_tf_dataset()

images = load_dataset('parquet', data_files=${JSON.stringify(shards)}, split='train')
image, row = images[0][${JSON.stringify(imageColumn(columns))}], images[0]
\`\`\`

DuckDB and polars read the same files: \`select * from ${JSON.stringify(shards).replaceAll('"', "'")}\`.`,
};

/** The name of the column of images; a field of that name keeps it. */
function imageColumn(columns: readonly Column[]): string {
  let name = 'image';
  while (columns.some((column) => column.name === name)) name += '_';
  return name;
}
