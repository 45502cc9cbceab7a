import * as tf from '@tensorflow/tfjs';
import { PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { Ending } from '../net/ending.js';

type Attribute = ModelCard['attributes'][number];

/** How an output becomes the probabilities of an attribute's labels. */
export interface Activation {
  attribute: Attribute;
  /** What the card says of its labels. */
  said: Ending | 'none' | undefined;
  /** What the net itself ends with. */
  ending: Ending | undefined;
}

/**
 * How the output for an attribute becomes probabilities.
 *
 * @throws PipelineError `model.activationMismatch` where the card says another activation than the net ends with.
 */
export function activationFor(
  attribute: Attribute,
  card: ModelCard,
  ending: Ending | undefined,
  source: string,
): Activation {
  const said = attribute.activation ?? card.activation;
  if (said !== undefined && said !== 'none' && ending !== undefined && said !== ending) {
    throw new PipelineError(
      'model.activationMismatch',
      `The net of the model at '${source}' ends with a ${ending} for ${attribute.name}, its pipeline.json says ` +
        `"activation": "${said}". Write "${ending}" there.`,
      { value: said },
    );
  }
  return { attribute, said, ending };
}

/** Whether several labels may hold at once, or none, as the output's numbers for an image are one for each label. */
export const isMultiple = ({ said, attribute }: Activation, numbers: number): boolean =>
  said === 'sigmoid' && numbers === attribute.labels.length;

/**
 * The probabilities of an attribute's labels, [images, labels], from an output of the net. A single number is the
 * probability of the second of two labels.
 *
 * @throws PipelineError `model.notProbabilities` where a single number is neither a probability nor said to become one.
 */
export function probabilitiesOf(output: tf.Tensor, count: number, activation: Activation, source: string): tf.Tensor {
  const { attribute, said, ending } = activation;
  const numbers = output.size / count;
  const values = tf.reshape(output, [count, numbers]);
  const left = said === ending ? 'none' : said;
  const scores = left === 'softmax' ? tf.softmax(values) : left === 'sigmoid' ? tf.sigmoid(values) : values;
  if (numbers === attribute.labels.length) return scores;
  if (said !== 'sigmoid' && ending !== 'sigmoid') {
    throw new PipelineError(
      'model.notProbabilities',
      `The net of the model at '${source}' returns one number for ${attribute.name}, which has two labels. If it ` +
        `tells how likely '${attribute.labels[1]}' is, add "activation": "sigmoid" to pipeline.json.`,
      { value: attribute.name },
    );
  }
  return tf.concat([tf.sub(1, scores), scores], 1);
}
