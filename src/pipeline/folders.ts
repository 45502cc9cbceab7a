import { predictionsFolder } from '../dataset/index.js';
import type { Query } from './queries.js';

export { predictionsFolder };

/** The folder of an export's augmented images. */
export const augmentedFolder = (folder: string): string => `${folder}/augmented`;

/**
 * The name of the predictions that a query asks for; undefined where they have none.
 *
 * @throws PipelineError `dataset.badFolder` where the name cannot be a folder's.
 */
export function predictionsName({ folder, infer }: Pick<Query, 'folder' | 'infer'>): string | undefined {
  const name = infer && typeof infer === 'object' ? infer.name : undefined;
  predictionsFolder(folder, name);
  return name;
}
