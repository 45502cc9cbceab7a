import { didYouMean, PipelineError } from '../../work/index.js';
import { type MetadataFormat, formats as metadataFormats, formatNames as metadataNames } from '../formats/index.js';
import { classes } from './classes.js';
import { folder } from './folder.js';
import type { TrainingFormat } from './format.js';
import { huggingface } from './huggingface.js';
import { parquet } from './parquet.js';
import { sagemaker } from './sagemaker.js';
import { metadataAlone } from './tables.js';
import { tfrecord } from './tfrecord.js';
import { webdataset } from './webdataset.js';
import { type WriteFacts, writeTarget } from './write-target.js';
import type { Written } from './written.js';

export type { Writable } from './items.js';
export type { WriteOptions } from './write-target.js';
export type { Written } from './written.js';

/** The formats with images, or for a trainer. All else reads this list; those of rows alone are in `formats/`. */
const own = { folder, huggingface, classes, parquet, webdataset, tfrecord, sagemaker } satisfies Record<
  string,
  TrainingFormat
>;

/** A format that a data set can be written in: see `Dataset.write`. */
export type WriteFormat = keyof typeof own | MetadataFormat;

/** All formats in which a data set can be written. */
export const writeFormats = {
  ...own,
  ...Object.fromEntries(metadataNames.map((name) => [name, metadataAlone(name, metadataFormats[name])])),
} as Record<WriteFormat, TrainingFormat>;

/** Writes a data set to a place in a format; see `Dataset.write`. */
export async function writeDataset(facts: Omit<WriteFacts, 'format'>, name: WriteFormat): Promise<Written> {
  if (!Object.hasOwn(writeFormats, name)) {
    const names = Object.keys(writeFormats);
    throw new PipelineError(
      'write.unknownFormat',
      `There is no format '${String(name)}'.${didYouMean(String(name), names)} The formats are ${names.join(', ')}.`,
      { value: name },
    );
  }
  const format = facts.options.references ? writeFormats[name].references : writeFormats[name];
  if (format) return writeTarget({ ...facts, format: { name, ...format } });
  const able = Object.entries(writeFormats).flatMap(([one, { references }]) => (references ? one : []));
  throw new PipelineError(
    'write.noReferences',
    `The format ${name} has no references to images in S3. Those that have: ${able.join(', ')}.`,
    { value: name },
  );
}
