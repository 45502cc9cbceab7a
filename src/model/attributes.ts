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

/** The predicted label of one attribute of an image, or the set of labels where several may hold at once, or none. */
export interface Guess {
  /** The likeliest label; of a set, its labels with commas between them, an empty text if none holds. */
  label: string;
  /** Its probability, from 0 to 1; of a set, how sure the model is of the label that it is least sure of. */
  confidence: number;
  /** Of a set, the labels whose probability is 0.5 or more, each with it, the likeliest first. */
  labels?: readonly { label: string; confidence: number }[];
}

/** For each attribute the probabilities of all its labels, in the order of the model's `attributes`. */
export type Scores = Record<string, Float32Array>;

/** The prediction for one image; its keys are the model's attributes (seven in the shipped model). */
export type Prediction = Record<string, Guess>;
