import { PipelineError } from '../../work/index.js';
import type { Guess, Prediction, Scores } from '../attributes.js';
import type { ModelCard } from '../files/card.js';
import type { ModelAttribute } from '../model.js';

/** The probability from which on a label of a set holds. */
export const holds = 0.5;

/** The probabilities of each attribute for one image of a run, in the order of its labels. */
export const scoresAt = (heads: readonly Float32Array[], attributes: readonly ModelAttribute[], row: number): Scores =>
  Object.fromEntries(
    attributes.map(({ name, labels }, head) => [
      name,
      heads[head]?.slice(row * labels.length, (row + 1) * labels.length) ?? new Float32Array(),
    ]),
  );

/** The likeliest label of each attribute, or the set of those that hold. */
export const predictionOf = (scores: Scores, attributes: readonly ModelAttribute[]): Prediction =>
  Object.fromEntries(
    attributes.map(({ name, labels, multiple }) => {
      const probabilities = scores[name] ?? new Float32Array();
      return [name, multiple ? setOf(probabilities, labels) : likeliest(probabilities, labels)];
    }),
  );

function likeliest(probabilities: Float32Array, labels: readonly string[]): Guess {
  const confidence = probabilities.reduce((a, b) => Math.max(a, b), 0);
  return { label: labels[probabilities.indexOf(confidence)] ?? '', confidence };
}

function setOf(probabilities: Float32Array, names: readonly string[]): Guess {
  const labels = names
    .map((label, i) => ({ label, confidence: probabilities[i] ?? 0 }))
    .filter(({ confidence }) => confidence >= holds)
    .sort((a, b) => b.confidence - a.confidence);
  return {
    label: labels.map(({ label }) => label).join(', '),
    confidence: probabilities.reduce((least, value) => Math.min(least, Math.max(value, 1 - value)), 1),
    labels,
  };
}

/** What is wrong with the probabilities of an attribute: `NaN`, or a sum that is not 1; undefined if nothing is. */
function faultOf(values: Float32Array, multiple = false): string | undefined {
  const odd = values.find((value) => !(value >= -tolerance && value <= 1 + tolerance));
  if (odd !== undefined) return `${odd}`;
  const sum = values.reduce((a, b) => a + b, 0);
  return multiple || Math.abs(sum - 1) < 0.01 ? undefined : `a sum of ${sum}`;
}

const tolerance = 1e-3;

/**
 * Checks a net's answer to one image.
 *
 * @throws PipelineError `model.notProbabilities`.
 */
export function checkAnswer(
  scores: Scores,
  embedding: Float32Array,
  attributes: readonly ModelAttribute[],
  model: string,
): void {
  for (const { name, multiple } of attributes) {
    const fault = faultOf(scores[name] ?? new Float32Array(), multiple);
    if (fault !== undefined) throw noAnswer(fault, name, model);
  }
  const odd = embedding.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw noAnswer(`${odd}`, 'the embedding', model);
}

const noAnswer = (fault: string, what: string, model: string): PipelineError =>
  new PipelineError(
    'model.notProbabilities',
    `The model '${model}' returns ${fault} for ${what} of this image, which says nothing. Look at the image; where ` +
      'it happens to many, check the scale and the offset in pipeline.json, and the weights.',
    { value: what },
  );

/**
 * Checks a net's answers to an image of noise as it is loaded: what is no probability there is none anywhere.
 *
 * @throws PipelineError `model.notProbabilities`.
 */
export function checkProbabilities(
  scores: Scores,
  attributes: readonly ModelAttribute[],
  card: ModelCard,
  source: string,
): void {
  for (const { name, multiple } of attributes) {
    const values = scores[name] ?? new Float32Array();
    const fault = faultOf(values, multiple);
    if (fault === undefined) continue;
    const said = card.attributes.find((attribute) => attribute.name === name)?.activation ?? card.activation ?? 'none';
    throw new PipelineError(
      'model.notProbabilities',
      `The numbers that the net of the model at '${source}' returns for ${name} are not probabilities: ${fault}. ` +
        remedy(values, said),
      { value: name },
    );
  }
}

function remedy(values: Float32Array, said: string): string {
  if (said !== 'none' || !values.every(Number.isFinite))
    return 'Its weights are broken, or the scale in pipeline.json is wrong: copy, convert or train the model again.';
  const several = 'If several labels may hold at once, add "activation": "sigmoid" to pipeline.json';
  return values.every((value) => value >= 0 && value <= 1)
    ? `${several}; if they are logits of labels of which one holds, "activation": "softmax".`
    : 'If they are logits, add "activation": "softmax" to pipeline.json; where several labels may hold, "sigmoid".';
}
