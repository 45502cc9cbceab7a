/** The folder of an export's augmented images. */
export const augmentedFolder = (folder: string): string => `${folder}/augmented`;

/** The folder of an export's predictions. */
export const predictionsFolder = (folder: string): string => `${folder}/predictions`;
