/**
 * The attributes that the model predicts, in the order of its heads.
 *
 * @example
 * console.log(attributes.includes('season')); // true
 */
export const attributes = [
  'gender',
  'masterCategory',
  'subCategory',
  'articleType',
  'baseColour',
  'season',
  'usage',
] as const;
/** One of the attributes of the shipped model. */
export type Attribute = (typeof attributes)[number];

/** The predicted label of one attribute of an image. */
export interface Guess {
  label: string;
  /** Its probability, from 0 to 1. */
  confidence: number;
}

/** For each attribute the probabilities of all its labels, in the order of the model's `attributes`. */
export type Scores = Record<string, Float32Array>;

/** The prediction for one image; its keys are the model's attributes (seven in the shipped model). */
export type Prediction = Record<string, Guess>;
