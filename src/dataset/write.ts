import { type Aws, headOf, imageConcurrency, knownMd5, list, remove } from '../aws/index.js';
import { columnTypes, fashion, type Schema } from '../catalogue/index.js';
import { version } from '../version.js';
import { concurrently, PipelineError } from '../work/index.js';
import { forgetBegun, noteBegun } from './begun.js';
import { ownFiles, readManifest } from './claim.js';
import type { Confirm } from './confirm.js';
import { embeddingsFile, manifestFile, metadataFile } from './files.js';
import { formatNames, formats, type MetadataFormat } from './formats/index.js';
import type { Lineage, Manifest } from './manifest.js';
import { digester, type Part } from './part.js';
import { metadataColumns } from './row.js';
import { writeFiles } from './write-files.js';

export interface CompleteOptions {
  /** What the products are, for the types of the columns; default: the fashion catalogue's. */
  schema?: Schema | undefined;
  /** Formats in which the metadata is written beside metadata.json; default: none. */
  formats?: readonly MetadataFormat[] | undefined;
  /** Called when all is ready, before anything is written: throws where the folder is another's meanwhile. */
  confirm?: Confirm | undefined;
  /** The id of the job that completes it. */
  job?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What was written. */
export interface Completed {
  /** The manifest without its images. */
  manifest: Omit<Manifest, 'images'>;
  /** A digest of the rows and images, for what is derived from them. */
  digest: string;
  /** How many images were removed because they no longer belonged. */
  removed: number;
}

/**
 * Completes a data set whose images are in their place: writes the manifest, the metadata in the chosen formats, the
 * embeddings, and `metadata.json` last, so that a folder which has it is complete. Then removes the images of an
 * earlier run that no longer belong. What no run of the kit's has put there stays. Goes through the parts once.
 *
 * @throws PipelineError `dataset.imagesGone` where an image is not in its place, or is another; nothing is written
 * then.
 */
export async function completeDataset(
  aws: Aws,
  folder: string,
  parts: Iterable<Part> | AsyncIterable<Part>,
  lineage: Lineage,
  { schema = fashion, formats: chosen = [], confirm, job, signal }: CompleteOptions = {},
): Promise<Completed> {
  const hash = digester();
  const images = new Map<string, string>();
  async function* noted() {
    for await (const part of parts) {
      hash.add(part);
      for (const { file, etag } of part.images) images.set(file, etag);
      yield part;
    }
  }
  const types = columnTypes(schema);
  const columns = (lineage.columns ?? metadataColumns).map((name) => ({ name, type: types[name] ?? 'string' }));
  const embeddings = lineage.kind === 'predictions' ? [embeddingsFile] : [];
  const further = formatNames.filter((name) => chosen.includes(name)).map((name) => formats[name]);
  const files = [...further, ...embeddings, metadataFile];
  const names = files.map(({ file }) => file);
  const head = { version: 1 as const, kit: version, files: names, ...lineage };
  let outdated: string[] = [];
  let digest = '';
  const beforeEnd = async () => {
    digest = hash.hex();
    const others = await compareImages(aws, folder, images, lineage.kind === 'predictions', signal);
    outdated = await earlierFiles(aws, folder, others, signal);
    await confirm?.(0);
    // The new manifest does not list them: a run that is stopped before it has removed them leaves this note.
    await noteBegun(aws, folder, outdated, { signal });
    const unlisted = Object.values(formats).filter(({ file }) => !names.includes(file));
    await remove(
      aws,
      unlisted.map(({ file }) => `${folder}/${file}`),
      signal,
    );
  };
  const { totals, written } = await writeFiles(aws, folder, noted(), [manifestFile(head, () => digest), ...files], {
    columns,
    beforeEnd,
    signal,
  });
  const left = [...outdated, ...embeddings.map(({ file }) => file).filter((file) => !written.has(file))];
  await remove(
    aws,
    left.map((file) => `${folder}/${file}`),
    signal,
  );
  await forgetBegun(aws, folder, job, signal);
  return { manifest: { ...head, ...totals, digest }, digest, removed: outdated.length };
}

/** Objects that are asked for their MD5 when a data set is complete, at most: some tens of seconds' worth. */
const mostAsked = 100_000;

/**
 * The images that lie in a folder and are not among a data set's, after a check that all of those lie there, by their
 * MD5: the ETags of a listing or, where ETags say nothing of the bytes, what the kit wrote into an object's metadata.
 * Of larger data sets in such buckets the names alone are compared.
 */
async function compareImages(
  aws: Aws,
  folder: string,
  images: ReadonlyMap<string, string>,
  elsewhere: boolean,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const missing = new Set(elsewhere ? [] : images.keys());
  const others = new Set<string>();
  const unlike: string[] = [];
  for await (const { key, etag } of list(aws, `${folder}/images/`, signal)) {
    const file = key.slice(folder.length + 1);
    missing.delete(file);
    const wanted = images.get(file);
    if (wanted === undefined) others.add(file);
    else if (wanted !== etag) unlike.push(file);
  }
  if (unlike.length <= mostAsked) {
    await concurrently(
      unlike,
      async (file) => {
        const head = await headOf(aws, `${folder}/${file}`, signal);
        const wanted = images.get(file);
        if (!head || (knownMd5(head) ?? wanted) !== wanted) missing.add(file);
      },
      { concurrency: imageConcurrency, signal },
    );
  }
  const [first] = missing;
  if (first === undefined) return others;
  throw new PipelineError(
    'dataset.imagesGone',
    `${missing.size} of ${images.size} images that were put into s3://${aws.bucket}/${folder}/ are no longer there, ` +
      `or others are in their place, among them ${first}: something else writes or removes objects there. ` +
      'Run it again.',
    { value: first },
  );
}

/** Those of some files in a folder that an earlier run of the kit's has put there. */
async function earlierFiles(
  aws: Aws,
  folder: string,
  files: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (files.size === 0) return [];
  return [...(await ownFiles(aws, folder, files, await readManifest(aws, folder, signal), signal))];
}
