import type { ParquetColumn } from './parquet-file.js';

/**
 * The columns as Hugging Face's `datasets` describes them, in a Parquet file's metadata: it takes `image` for images.
 *
 * @see https://huggingface.co/docs/datasets/about_dataset_features
 */
export const featuresMetadata = (columns: readonly ParquetColumn[]): Record<string, string> => ({
  huggingface: JSON.stringify({
    info: { features: Object.fromEntries(columns.map(({ name, type }) => [name, features[type]])) },
  }),
});

const value = (dtype: string) => ({ dtype, _type: 'Value' });
/** Older versions know lists by this name alone. */
const list = (dtype: string) => ({ feature: value(dtype), _type: 'Sequence' });

const features: Record<ParquetColumn['type'], object> = {
  string: value('string'),
  integer: value('int64'),
  number: value('float64'),
  boolean: value('bool'),
  date: value('date32'),
  time: value('timestamp[ms, tz=UTC]'),
  'string[]': list('string'),
  'number[]': list('float64'),
  json: value('string'),
  image: { _type: 'Image' },
};
