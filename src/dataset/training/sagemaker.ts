import { valueIn } from './columns.js';
import type { Rows, TrainingFormat } from './format.js';
import { jsonLines, perSide } from './tables.js';

/**
 * Augmented manifests of SageMaker, one for each side: a line for each image, which stays where it is in S3.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
 */
export const sagemaker: TrainingFormat = {
  about: 'augmented manifests of SageMaker: the images stay in S3',
  tables: (rows) => perSide(rows.items, '.manifest', (items) => jsonLines(items, lineOf(rows))),
  reading: ({ sides, label }) => `\`\`\`python
from sagemaker.inputs import TrainingInput

images = TrainingInput(
    's3://<bucket>/<folder>/${sides[0]?.name ?? 'data'}.manifest',
    attribute_names=['source-ref'${label === undefined ? '' : ", 'class'"}],
    s3_data_type='AugmentedManifestFile', input_mode='Pipe', record_wrapping='RecordIO')
\`\`\`

Copy the manifests to S3, beside the images' bucket.`,
};

/** A row with `source-ref`, and its label's number as `class`, where it is written with labels. */
function lineOf({ items, columns, label }: Rows) {
  const labels = [...new Set(items.flatMap((item) => item.label ?? []))].sort();
  const numbers = new Map(labels.map((name, i) => [name, i]));
  return (item: Rows['items'][number]): object => {
    const { imagePath, ...row } = item.row;
    const fields = columns.flatMap((column) => {
      const value = valueIn(column, row[column.name]);
      return value === null || column.name === 'imagePath' ? [] : [[column.name, value]];
    });
    return {
      'source-ref': imagePath,
      ...Object.fromEntries(fields),
      ...(label !== undefined &&
        item.label !== undefined && {
          class: numbers.get(item.label),
          'class-metadata': { 'class-name': item.label, type: 'groundtruth/image-classification' },
        }),
    };
  };
}
