import type { Aws } from '../aws/index.js';
import {
  type CopyOf,
  copyOf,
  type Dataset,
  derivedFolders,
  type ImageRecord,
  type Lineage,
  type Manifest,
  type Row,
  writeCopy,
} from '../dataset/index.js';
import { PipelineError, type StepOptions, toFloat16 } from '../work/index.js';
import { readOrUndefined, selected } from './originals.js';

/** The kinds of data sets that lie below the one that they are made of, and what differs between them. */
export const derivations = {
  augmented: {
    /** The path of the image that a row was made of. */
    originOf: (aws: Aws, _: Row, { source }: ImageRecord): string => `s3://${aws.bucket}/${source}`,
    /** Whether a column is what deriving has added. */
    adds: (column: string): boolean => column === 'variant' || column === 'transforms',
    title: 'augmented images',
    remedy: 'pipeline.augment',
  },
  predictions: {
    originOf: (_: Aws, { imagePath }: Row): string => imagePath,
    adds: (column: string): boolean => /(Predicted|Confidence)$/.test(column),
    title: 'predictions',
    remedy: 'pipeline.infer',
  },
} as const;

export type Derivation = keyof typeof derivations;
export const derivationNames = Object.keys(derivations) as readonly Derivation[];

/** A data set, or a view of one, that is copied to another folder. */
export interface Copying {
  from: Dataset;
  to: CopyOf;
}

/** The folder of the data set whose derived ones lie below it: that of predictions is their original's. */
export const originalFolder = ({ folder, manifest: { kind, parent } }: Dataset): string =>
  kind === 'predictions' && parent ? parent.folder : folder;

/**
 * Copies what was derived from a data set to its copy, and what was derived from that, as far as it is there.
 *
 * @throws PipelineError `dataset.outdated` where it was derived from what the data set was before.
 */
export async function copyDerived(
  aws: Aws,
  { from, to }: Copying,
  names: readonly Derivation[],
  steps: StepOptions,
): Promise<void> {
  for (const { name, below, original } of (await Promise.all(names.map((name) => derivedOf(aws, from, name)))).flat()) {
    const { originOf, adds } = derivations[name];
    const rows = new Map(from.rows.map(({ imagePath }, i) => [imagePath, to.rows[i]]));
    const part = selected(original, from, (row, image) => originOf(aws, row, image));
    const embeddings = part.manifest.dimensions === undefined ? undefined : await embeddingsOf(part);
    const copy = copyOf(
      aws,
      part,
      `${to.folder}/${below}`,
      (row, image) => {
        const origin = rows.get(originOf(aws, row, image)) ?? row;
        const added = Object.entries(row).filter(([column]) => adds(column));
        return {
          row: { ...origin, imagePath: row.imagePath, ...Object.fromEntries(added) },
          ...(name === 'predictions' && { below: to.folder }),
          source: name === 'predictions' ? image.source : keyOf(aws, origin),
        };
      },
      { embeddings, failures: [] },
    );
    const lineage = { ...lineageOf(original.manifest), parent: { folder: to.folder, digest: to.digest } };
    const copying = { from: part, to: copy };
    await writeCopy(aws, copy, lineage, {
      ...steps,
      mayReplace: ({ kind }) => kind === name,
      // Below predictions there is nothing: what is derived from the same images lies beside them.
      before: name === 'predictions' ? undefined : (signal) => copyDerived(aws, copying, names, { ...steps, signal }),
    });
  }
}

/** What a manifest says of where its data set comes from. */
export function lineageOf({ kind, query, columns, parent, view, augmentation, model }: Manifest): Lineage {
  return { kind, query, columns, parent, view, augmentation, model };
}

/** The embeddings of some rows as the data set stores them. */
async function embeddingsOf(dataset: Dataset): Promise<Uint8Array> {
  const { embeddings } = await dataset.embeddings();
  return new Uint8Array((await toFloat16(embeddings)).buffer);
}

const keyOf = ({ bucket }: Aws, { imagePath }: Row): string => imagePath.slice(`s3://${bucket}/`.length);

/** What was derived from a data set, and where that lies below it. */
interface Derived {
  name: Derivation;
  below: string;
  original: Dataset;
}

/**
 * What was derived from a data set, or from the one that it is a view of: of predictions those of each model.
 *
 * @throws PipelineError `dataset.outdated` where it was derived from what lay there before.
 */
export async function derivedOf(aws: Aws, from: Dataset, name: Derivation): Promise<Derived[]> {
  const { kind, parent, digest } = from.manifest;
  const folder = originalFolder(from);
  const found: Derived[] = [];
  for (const below of (await derivedFolders(aws, folder)).filter((each) => each.split('/')[0] === name)) {
    const original = await readOrUndefined(aws, `${folder}/${below}`);
    if (!original) continue;
    if (original.manifest.parent?.digest !== (kind === 'predictions' ? parent?.digest : digest))
      throw new PipelineError(
        'dataset.outdated',
        `${original.uri} was made of what ${from.uri} held before. Make it again first, or leave it out.`,
        { value: original.folder },
      );
    found.push({ name, below, original });
  }
  return found;
}
