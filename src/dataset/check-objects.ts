import { type Aws, headOf, imageConcurrency, list, listLevel, md5Of } from '../aws/index.js';
import { concurrently } from '../work/index.js';
import { dataSetFiles, manifestName } from './files.js';
import type { Manifest } from './manifest.js';
import { embeddingsName } from './part.js';

/** What of a folder's objects is not as its manifest says. */
export interface CheckedObjects {
  /** How many of the images are as listed. */
  right: number;
  faults: { file: string; problem: string }[];
}

/**
 * Compares the objects of a folder with its manifest: each image by its MD5, the other files by their names, the
 * embeddings by their length, and whether anything else is there.
 */
export async function checkObjects(
  aws: Aws,
  folder: string,
  manifest: Manifest,
  signal?: AbortSignal,
): Promise<CheckedObjects> {
  const { kind, images, files, count, dimensions, parent } = manifest;
  const faults: CheckedObjects['faults'] = [];
  // The images of predictions are those that they were made from.
  const place = kind === 'predictions' && parent ? parent.folder : folder;
  const wanted = new Map(images.map(({ file, etag }) => [file.replace(/^(\.\.\/)+/, ''), etag]));
  const missing = new Set(wanted.keys());
  const unlike: string[] = [];
  for await (const { key, etag } of list(aws, `${place}/images/`, signal)) {
    const file = key.slice(place.length + 1);
    if (missing.delete(file)) {
      if (wanted.get(file) !== etag) unlike.push(file);
    } else if (place === folder) faults.push({ file, problem: 'is not in the manifest' });
  }
  for (const file of missing) faults.push({ file, problem: 'is missing' });
  const others = await concurrently(
    unlike,
    async (file) => ({ file, md5: await md5Of(aws, `${place}/${file}`, signal) }),
    { concurrency: imageConcurrency, signal },
  );
  const wrong = others.filter(({ file, md5 }) => md5 !== wanted.get(file));
  for (const { file, md5 } of wrong)
    faults.push({ file, problem: `is another image: its MD5 is ${md5}, not ${wanted.get(file)}` });
  const known = files ?? dataSetFiles.filter((file) => file !== manifestName);
  const { keys } = await listLevel(aws, `${folder}/`, signal);
  const there = new Set(keys.map((key) => key.slice(folder.length + 1)));
  const optional = dimensions === undefined ? [embeddingsName] : [];
  for (const file of files ?? [])
    if (!there.has(file) && !optional.includes(file)) faults.push({ file, problem: 'is missing' });
  for (const file of there)
    if (file !== manifestName && !known.includes(file)) faults.push({ file, problem: 'is not in the manifest' });
  if (dimensions !== undefined && there.has(embeddingsName)) {
    const length = (await headOf(aws, `${folder}/${embeddingsName}`, signal))?.ContentLength;
    const bytes = 2 * dimensions * count;
    if (length !== bytes) faults.push({ file: embeddingsName, problem: `has ${length} bytes instead of ${bytes}` });
  }
  return { right: images.length - missing.size - wrong.length, faults };
}
