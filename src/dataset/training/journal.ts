import { z } from 'zod';
import { PipelineError, plural } from '../../work/index.js';
import { journalName, type Place, type There } from './place.js';

const fileSchema = z.object({
  name: z.string(),
  bytes: z.number(),
  /** Of a file of many rows: how many of its side it takes, in their order. */
  rows: z.number().optional(),
});

const journalSchema = z.object({
  version: z.literal(1),
  format: z.string(),
  /** A digest of what is written and how: the same gives the same bytes. */
  digest: z.string(),
  complete: z.boolean(),
  files: z.array(fileSchema),
  /** Files that may be there, whole, though none of `files`: they are being written, or were before. */
  begun: z.array(z.string()),
});

/** What a target has of a data set. */
export interface Journal extends z.infer<typeof journalSchema> {}
/** A file of a target. */
export type WrittenFile = Journal['files'][number];

/** What a target had before, and which of it stays. */
export interface Before {
  /** Of the same write that was stopped, or is done again; undefined where it was another, or none. */
  journal: Journal | undefined;
  /** All files that are there. */
  there: ReadonlyMap<string, There>;
  /** Those of the kit that are there, the journal not among them. */
  ours: readonly string[];
  /** Those that are not the kit's. */
  others: readonly string[];
}

/**
 * Looks at a target before anything is written to it.
 *
 * @throws PipelineError `write.notEmpty` where it has other files, or another data set, and these are not to be
 * replaced; `write.isDataset` where it is a data set's own folder.
 */
export async function readTarget(
  place: Place,
  { digest, overwrite, signal }: { digest: string; overwrite: boolean; signal: AbortSignal | undefined },
): Promise<Before> {
  const [there, journal] = [await place.files(signal), await readJournal(place)];
  const known = new Set([...(journal?.files.map(({ name }) => name) ?? []), ...(journal?.begun ?? [])]);
  const names = [...there.keys()].filter((name) => name !== journalName);
  const [ours, others] = [names.filter((name) => known.has(name)), names.filter((name) => !known.has(name))];
  const dataset = await place.dataset();
  if (dataset !== undefined)
    throw new PipelineError(
      'write.isDataset',
      `${place.name} is in the folder of the data set ${dataset}, which the kit keeps as it is. Name another place.`,
      { value: place.name },
    );
  const same = journal?.digest === digest ? journal : undefined;
  const fault =
    others.length > 0
      ? `has ${plural(others.length, 'other file')}, such as ${others.sort()[0]}`
      : ours.length > 0 && !same
        ? 'has another data set, or the same one written in another way'
        : undefined;
  if (fault === undefined || overwrite) return { journal: same, there, ours, others };
  throw new PipelineError(
    'write.notEmpty',
    `${place.name} ${fault}. Name another place, or overwrite it (overwrite: true, --overwrite).`,
    { value: place.name },
  );
}

/** What a target says is in it; undefined where it says nothing that can be read. */
export async function readJournal(place: Place): Promise<Journal | undefined> {
  const text = await place.read(journalName);
  if (text === undefined) return undefined;
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes down what is in a target: its bytes depend on that alone. */
export async function writeJournal(place: Place, journal: Omit<Journal, 'version'>): Promise<void> {
  const { format, digest, complete, files, begun } = journal;
  const head = JSON.stringify({ version: 1, format, digest, complete }).slice(0, -1);
  const lines = files.map((file) => `\n${JSON.stringify(file)}`).join(',');
  await place.write(journalName, [`${head},"files":[${lines}\n],"begun":${JSON.stringify([...begun].sort())}}\n`]);
}
