import { type Aws, listLevel } from '../aws/index.js';
import { PipelineError } from '../work/index.js';
import { badFolder, derivedNames } from './folder.js';

/** What predictions lie in that have no name of their own, and those that have one lie below. */
const predictions = 'predictions';

/**
 * The folder of a data set's predictions: `predictions/`, or `predictions/<name>/` of those that have a name, so that
 * those of several models stand beside each other.
 *
 * @throws PipelineError `dataset.badFolder` where the name cannot be a folder's.
 */
export function predictionsFolder(folder: string, name?: string): string {
  if (name === undefined) return `${folder}/${predictions}`;
  if (typeof name === 'string' && !name.includes('/') && badFolder(name) === undefined)
    return `${folder}/${predictions}/${name}`;
  throw new PipelineError(
    'dataset.badFolder',
    `Predictions cannot have the name '${String(name)}': it is a folder's. Choose letters, digits, - and _.`,
    { value: name },
  );
}

/** Whether folders below this one are data sets of their own: predictions that have a name. */
export const holdsNamed = (folder: string): boolean => folder.endsWith(`/${predictions}`);

/** The folders in which something may be that was derived from a data set, as seen from its own. */
export async function derivedFolders(aws: Aws, folder: string, signal?: AbortSignal): Promise<string[]> {
  const { folders } = await listLevel(aws, `${folder}/${predictions}/`, signal);
  const named = folders
    .map((below) => below.slice(folder.length + predictions.length + 2, -1))
    .filter((name) => badFolder(name) === undefined);
  return [...derivedNames, ...named.map((name) => `${predictions}/${name}`)];
}
