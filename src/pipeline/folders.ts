/** Where the augmented images of an export lie. */
export const augmentedFolder = (folder: string): string => `${folder}/augmented`;

/** Where the predictions for an export lie. */
export const predictionsFolder = (folder: string): string => `${folder}/predictions`;
