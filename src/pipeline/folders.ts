export { predictionsFolder } from '../dataset/index.js';

/** The folder of an export's augmented images. */
export const augmentedFolder = (folder: string): string => `${folder}/augmented`;
