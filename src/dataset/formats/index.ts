import { z } from 'zod';
import { didYouMean, PipelineError } from '../../work/index.js';
import { csv } from './csv.js';
import type { FileFormat } from './format.js';
import { jsonl } from './jsonl.js';
import { spreadsheet } from './spreadsheet.js';

export type { Bytes, Column, FileFormat, FileWriter, Totals } from './format.js';

/** The formats in which a data set's metadata can be written beside metadata.json. All else reads this list. */
export const formats = { csv, jsonl, spreadsheet } satisfies Record<string, FileFormat>;

/** A further format of the metadata: `csv` is metadata.csv, `jsonl` (JSON Lines) is metadata.jsonl, and so on. */
export type MetadataFormat = keyof typeof formats;

const isFormat = (name: string): name is MetadataFormat => Object.hasOwn(formats, name);

export const formatNames: readonly MetadataFormat[] = Object.keys(formats).filter(isFormat);

const refusal = (name: unknown): string =>
  `There is no metadata format '${String(name)}'.${didYouMean(String(name), formatNames)} ` +
  `The formats are ${formatNames.join(', ')}.`;

/** The name of a format in a job's record. */
export const formatSchema = z.enum(formatNames, { error: ({ input }) => refusal(input) });

/**
 * Checks the names of formats.
 *
 * @throws PipelineError `dataset.unknownFormat`
 */
export function checkFormats(names: readonly string[]): void {
  const unknown = names.find((name) => !isFormat(name));
  if (unknown !== undefined) throw new PipelineError('dataset.unknownFormat', refusal(unknown), { value: unknown });
}
