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
export type Attribute = (typeof attributes)[number];

/** The label that the model gives one attribute of an image, and its softmax probability. */
export interface Guess {
  label: string;
  /** From 0 to 1. */
  confidence: number;
}

/** For each attribute the probabilities of all its labels, in the order in which the model lists them. */
export type Scores = Record<string, Float32Array>;

/** What the model says of one image; its keys are the model's attributes (seven for the shipped one). */
export type Prediction = Record<string, Guess>;
