import { grouped } from '../../work/index.js';
import type { Bytes } from '../formats/index.js';
import { type Column, valueIn } from './columns.js';
import { featuresMetadata } from './features.js';
import type { Rows, Table, TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { type ParquetColumn, parquetFile } from './parquet-file.js';

/** What no column of the rows may be called: the reader takes it for the image's file. */
const takenName = /^(file_names?|.*_file_names?|image)$/;

/**
 * The folder of images of Hugging Face's `datasets`: a folder for each side, with a metadata.parquet whose `file_name`
 * says which image a row has. As JSON Lines, whose types are guessed from their first rows, a field without a value on
 * one side would have another type there, and none of the sides could be read.
 *
 * @see https://huggingface.co/docs/datasets/image_dataset
 */
export const huggingface: TrainingFormat = {
  about: "Hugging Face's imagefolder: a folder for each side with metadata.parquet",
  imageFile: (item) => `${folderOf(item)}${fileOf(item)}`,
  tables: ({ items, columns }) =>
    [...grouped(items, folderOf)].map(
      ([folder, rows]): Table => ({ name: `${folder}metadata.parquet`, content: metadata(rows, columns) }),
    ),
  reading: ({ here, sides }) => `\`\`\`python
from datasets import load_dataset  # PyTorch: .with_format('torch'); Keras: .to_tf_dataset()

images = load_dataset('imagefolder', data_dir=${JSON.stringify(here)}, split='${sides[0]?.name ?? 'train'}')
image, row = images[0]['image'], images[0]
\`\`\``,
};

const folderOf = ({ side }: Item): string => (side === undefined ? '' : `${side}/`);
const fileOf = ({ name, extension }: Item): string => `${name}${extension}`;

async function* metadata(items: readonly Item[], columns: Rows['columns']): AsyncGenerator<Bytes> {
  const named = columns.map((column): [Column, ParquetColumn] => [
    column,
    { ...column, name: takenName.test(column.name) ? `${column.name}_` : column.name },
  ]);
  const all: ParquetColumn[] = [{ name: 'file_name', type: 'string' }, ...named.map(([, own]) => own)];
  const file = await parquetFile(all, featuresMetadata(all));
  for (const item of items)
    yield* file.add([fileOf(item), ...named.map(([column]) => valueIn(column, item.row[column.name]))], 0);
  yield* file.end();
}
