import { type Aws, headOf, list, listLevel, remove } from '../aws/index.js';
import { PipelineError } from '../work/index.js';
import { forgetAllBegun, hasBegun } from './begun.js';
import { ownFiles, readManifest } from './claim.js';
import { type ListedDataset, listDatasets } from './datasets.js';
import { derivedFolders } from './derived-folders.js';
import { dataSetFiles, manifestName, metadataFile } from './files.js';
import { badFolder, checkFolder, derivedNames } from './folder.js';
import { holdFolder } from './hold.js';
import { othersInWords } from './others.js';
import { embeddingsName } from './part.js';

/**
 * What `pipeline.remove` has removed.
 *
 * @example
 * const { folders, objects, left }: Removed = await pipeline.remove('fall_shoes');
 * console.log(folders, objects, left);
 */
export interface Removed {
  /** The folders of the data set and of what was derived from it, below it. */
  readonly folders: readonly string[];
  /** How many objects were removed. */
  readonly objects: number;
  /** Keys of objects that stay there, since no data set of the kit's lists them; the first 10. */
  readonly left: readonly string[];
  /** Data sets that were saved from it, and stay. */
  readonly dependents: readonly string[];
}

/**
 * Removes a data set with what was derived from it: what its manifest lists, and what runs have noted that they put
 * there. Its metadata goes first and its manifest last, so that nobody reads it half, and what a stopped removal has
 * left is removed by the next.
 *
 * @throws PipelineError `dataset.notFound`; `dataset.needed` where others were saved from it, unless `force`;
 * `run.folderTaken`, `job.folderTaken`.
 */
export async function removeDataset(
  aws: Aws,
  folder: string,
  { force = false, signal }: { force?: boolean | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Removed> {
  const plain = folder.split('/').filter((segment) => !derivedNames.includes(segment));
  if (plain.length === 0 || badFolder(plain.join('/')) !== undefined) checkFolder(folder);
  const whole = await foldersOf(aws, folder, signal);
  if (whole.length === 0)
    throw new PipelineError(
      'dataset.notFound',
      `s3://${aws.bucket}/${folder}/ has no data set to remove.${await othersInWords(aws, folder)}`,
      { value: folder },
    );
  const dependents = dependentsOf(whole, await listDatasets(aws, signal));
  if (dependents.length > 0 && !force)
    throw new PipelineError(
      'dataset.needed',
      `${dependents.map((name) => `'${name}'`).join(', ')} ${dependents.length === 1 ? 'was' : 'were'} saved from ` +
        `'${folder}'. ${dependents.length === 1 ? 'It has' : 'They have'} images of their own and would stay, but ` +
        'nobody could see any more what they were chosen from. Remove them first, or give force: true (--force).',
      { value: folder },
    );
  const [objects, left] = await removeFolders(aws, whole, signal);
  return { folders: whole, objects, left, dependents };
}

/** A folder and those of what was derived from it, as far as there is something of the kit's in them. */
async function foldersOf(aws: Aws, folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  const found: string[] = [];
  // What is derived from augmented images, and so on, lies below each other without an end.
  for (let level = [folder]; level.length > 0; ) {
    const there: string[] = [];
    for (const name of level)
      if ((await headOf(aws, `${name}/${manifestName}`, signal)) || (await hasBegun(aws, name, signal)))
        there.push(name);
    found.push(...there);
    const looked = level.length === 1 && level[0] === folder ? level : there;
    level = [];
    for (const name of looked)
      level.push(...(await derivedFolders(aws, name, signal)).map((derived) => `${name}/${derived}`));
  }
  return found;
}

/** The data sets outside of some folders that were saved from one of them. */
const dependentsOf = (folders: readonly string[], all: readonly ListedDataset[]): string[] =>
  all.flatMap(({ folder, parent }) =>
    parent !== null && folders.includes(parent) && !folders.includes(folder) ? [folder] : [],
  );

/** Removes folders, the first one's metadata first and its manifest last. */
async function removeFolders(
  aws: Aws,
  [folder, ...below]: readonly string[],
  outer: AbortSignal | undefined,
): Promise<[objects: number, left: string[]]> {
  if (folder === undefined) return [0, []];
  return holdFolder(aws, folder, outer, async ({ signal, confirm }) => {
    const manifest = await readManifest(aws, folder, signal);
    if (!manifest && (await headOf(aws, `${folder}/${manifestName}`, signal)))
      throw new PipelineError(
        'dataset.malformed',
        `s3://${aws.bucket}/${folder}/${manifestName} cannot be read, so that nobody knows which objects there are ` +
          "the data set's. Remove them with a tool of AWS's.",
        { value: folder },
      );
    const { keys } = await listLevel(aws, `${folder}/`, signal);
    const images = new Set<string>();
    for await (const { key } of list(aws, `${folder}/images/`, signal)) images.add(key.slice(folder.length + 1));
    const own = await ownFiles(aws, folder, images, manifest, signal);
    const known = manifest ? [manifestName, ...(manifest.files ?? [...dataSetFiles, embeddingsName])] : [];
    const files = keys.map((key) => key.slice(folder.length + 1)).filter((file) => known.includes(file));
    const left = [...images, ...keys.map((key) => key.slice(folder.length + 1))].filter(
      (file) => !own.has(file) && !known.includes(file),
    );
    const removeAll = (some: readonly string[]) =>
      remove(
        aws,
        some.map((file) => `${folder}/${file}`),
        signal,
      );
    await confirm(0);
    await removeAll(files.filter((file) => file === metadataFile.file));
    const [objects, others] = await removeFolders(aws, below, signal);
    await confirm(0);
    await removeAll([...own, ...files.filter((file) => file !== manifestName)]);
    await removeAll(files.filter((file) => file === manifestName));
    await forgetAllBegun(aws, folder, signal);
    return [objects + own.size + files.length, [...left.map((file) => `${folder}/${file}`), ...others].slice(0, 10)];
  });
}
