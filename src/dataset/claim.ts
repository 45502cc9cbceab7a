import { type Aws, getBytes, list, listLevel } from '../aws/index.js';
import { stemOf } from '../catalogue/index.js';
import { count, PipelineError } from '../work/index.js';
import { readBegun } from './begun.js';
import { holdsNamed } from './derived-folders.js';
import { described } from './describe.js';
import { dataSetFiles, manifestName } from './files.js';
import { derivedNames } from './folder.js';
import { type Manifest, manifestSchema } from './manifest.js';
import { embeddingsName } from './part.js';

/** The manifest of a folder; undefined where it has none, or one that is not the kit's. */
export async function readManifest(aws: Aws, folder: string, signal?: AbortSignal): Promise<Manifest | undefined> {
  try {
    const text = Buffer.from(await getBytes(aws, `${folder}/${manifestName}`, signal)).toString();
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof PipelineError && error.code === 's3.notFound'))
      return undefined;
    throw error;
  }
}

/**
 * The files among some of a folder's that are the kit's: those that its manifest lists, and those that a run has begun
 * to put there since. Nothing else in a folder is ever overwritten or removed.
 */
export async function ownFiles(
  aws: Aws,
  folder: string,
  files: ReadonlySet<string>,
  manifest: Manifest | undefined,
  signal?: AbortSignal,
): Promise<Set<string>> {
  const own = new Set((manifest?.images ?? []).map(({ file }) => file).filter((file) => files.has(file)));
  if (own.size === files.size) return own;
  const begun = await readBegun(aws, folder, signal);
  for (const file of files) if (begun.has(file) || begun.has(stemOf(file))) own.add(file);
  return own;
}

/**
 * Checks that a folder which is to hold a data set has nothing in it but an earlier one, whole or in part.
 *
 * @param mayReplace Whether an earlier one may be replaced; default: any that was not saved from a view.
 * @returns The ETags of its images, by file: `images/15970.jpg`.
 * @throws PipelineError `dataset.foreignFiles` where anything else is in the folder; `dataset.folderTaken` where the
 * data set in it may not be replaced.
 */
export async function claimFolder(
  aws: Aws,
  folder: string,
  signal?: AbortSignal,
  mayReplace: (earlier: Manifest) => boolean = ({ kind }) => kind !== 'saved',
): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  const { keys, folders } = await listLevel(aws, `${folder}/`, signal);
  if (keys.length === 0 && folders.length === 0) return etags;
  const manifest = keys.includes(`${folder}/${manifestName}`) ? await readManifest(aws, folder, signal) : undefined;
  if (manifest && !mayReplace(manifest)) throw taken(aws, folder, manifest);
  const known = manifest ? [manifestName, ...(manifest.files ?? [...dataSetFiles, embeddingsName])] : [];
  const others = keys.filter((key) => !known.includes(key.slice(folder.length + 1)));
  for (const below of folders) {
    const name = below.slice(folder.length + 1, -1);
    if (name === 'images' || derivedNames.includes(name) || holdsNamed(folder)) continue;
    // A data set of its own, below this one: nothing of this one touches it.
    if (await readManifest(aws, below.slice(0, -1), signal)) continue;
    for await (const { key } of list(aws, below, signal)) {
      others.push(key);
      break;
    }
  }
  if (others.length === 0) {
    for await (const { key, etag } of list(aws, `${folder}/images/`, signal))
      etags.set(key.slice(folder.length + 1), etag);
    const own = await ownFiles(aws, folder, new Set(etags.keys()), manifest, signal);
    for (const file of etags.keys()) if (!own.has(file)) others.push(`${folder}/${file}`);
  }
  const [first] = others;
  if (first === undefined) return etags;
  throw new PipelineError(
    'dataset.foreignFiles',
    `s3://${aws.bucket}/${folder}/ has ${others.length > 1 ? `${count(others.length)} objects` : 'an object'} that ` +
      `no data set of the kit's lists: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}. They would ` +
      'be overwritten or removed: choose another folder, or move them elsewhere.',
    { value: first },
  );
}

const taken = ({ bucket }: Aws, folder: string, earlier: Manifest): PipelineError =>
  new PipelineError(
    'dataset.folderTaken',
    `s3://${bucket}/${folder}/ has a data set already: ${described(earlier)}. Choose another folder, or remove it ` +
      `first (npx zx scripts/datasets.mjs remove ${folder}).`,
    { value: folder },
  );
