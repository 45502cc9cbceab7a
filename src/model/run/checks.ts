import type * as tf from '@tensorflow/tfjs';
import { didYouMean, PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { Net } from '../net/net.js';

const textOf = (shape: readonly (number | null)[]): string =>
  shape.map((size) => size ?? '?').join('x') || 'a single number';

/**
 * Checks that a net takes images as its card describes them. Returns whether it takes one image at a time only.
 *
 * @throws PipelineError `model.inputMismatch`, `model.fixedBatch`.
 */
export function checkInput(
  inputs: Net['inputs'],
  { input: { width, height, layout } }: ModelCard,
  source: string,
): boolean {
  const [shape] = inputs;
  if (inputs.length !== 1) {
    throw new PipelineError(
      'model.inputMismatch',
      `The net of the model at '${source}' has ${inputs.length} inputs; the kit runs nets with one, a batch ` +
        'of images. Convert the model with that input only.',
      { value: inputs.length },
    );
  }
  if (shape === undefined) return false;
  const [batch, ...image] = shape;
  const wanted = layout === 'nchw' ? [3, height, width] : [height, width, 3];
  if (shape.length !== 4 || wanted.some((size, i) => size !== (image[i] ?? size))) {
    throw new PipelineError(
      'model.inputMismatch',
      `The net of the model at '${source}' takes images of ${textOf(image)}, its pipeline.json says ` +
        `${textOf(wanted)}. Correct the width, the height or the layout in pipeline.json.`,
      { value: image },
    );
  }
  if (batch !== null && batch !== undefined && batch > 1) throw fixedBatch(source, batch);
  return batch === 1;
}

const fixedBatch = (source: string, batch: number): PipelineError =>
  new PipelineError(
    'model.fixedBatch',
    `The net of the model at '${source}' is made for batches of ${batch} images. Convert it with a batch of ` +
      'any size (None).',
    { value: batch },
  );

/**
 * The net's output for each of the card's attributes: the one that the attribute names, otherwise by their order.
 *
 * @throws PipelineError `model.outputsMismatch`.
 */
export function outputsOf(outputs: readonly string[], { attributes }: ModelCard, source: string): string[] {
  const fit = outputs.length === attributes.length;
  const names = attributes.map(({ output }, i) => output ?? (fit ? outputs[i] : undefined));
  if (new Set(names).size === names.length && names.every((name) => name !== undefined && outputs.includes(name)))
    return names.flatMap((name) => name ?? []);
  const given = attributes.map(({ name, output }) => (output === undefined ? name : `${name} ("output": "${output}")`));
  throw new PipelineError(
    'model.outputsMismatch',
    `The net of the model at '${source}' has the outputs ${outputs.join(', ')}, its pipeline.json the ` +
      `attributes ${given.join(', ')}. Give an attribute for each output, or name the output of each ` +
      'attribute, as "output".',
    { value: outputs },
  );
}

/**
 * Checks that a net has the layer or node that its card names as the embedding.
 *
 * @throws PipelineError `model.badEmbedding`.
 */
export function checkEmbedding(parts: readonly string[], { embedding }: ModelCard, source: string): void {
  if (embedding === undefined || parts.includes(embedding)) return;
  throw new PipelineError(
    'model.badEmbedding',
    `The net of the model at '${source}' has no layer or node '${embedding}', which its pipeline.json names ` +
      `as the embedding.${didYouMean(embedding, parts)} Name another, or none.`,
    { value: embedding },
  );
}

/**
 * Checks the shapes of a net's outputs for `count` images: one for each attribute, then the embedding.
 *
 * @throws PipelineError `model.labelsMismatch`, `model.fixedBatch`, `model.badEmbedding`.
 */
export function checkOutputs(
  outputs: readonly tf.Tensor[],
  count: number,
  { attributes, embedding }: ModelCard,
  source: string,
): void {
  outputs.forEach(({ shape: [images = 0, ...shape] }, i) => {
    const attribute = attributes[i];
    if (attribute) {
      const { name, labels } = attribute;
      // Some nets return [images, 1, 1, labels].
      const sizes = shape.filter((size) => size !== 1);
      if (sizes.length !== 1 || sizes[0] !== labels.length) {
        throw new PipelineError(
          'model.labelsMismatch',
          `The net of the model at '${source}' returns ${textOf(shape)} for ${name}, its pipeline.json has ` +
            `${labels.length} labels. Give one label for each number, in their order.`,
          { value: name },
        );
      }
    } else if (shape.length !== 1 && shape.length !== 3) {
      throw new PipelineError(
        'model.badEmbedding',
        `The embedding '${embedding}' of the model at '${source}' is ${textOf(shape)} an image, neither a ` +
          'vector nor a map of vectors. Name another layer or node in pipeline.json, or none.',
        { value: embedding },
      );
    }
    if (images !== count) throw fixedBatch(source, images);
  });
}

/**
 * Checks that each output consists of probabilities: no value below 0, and a sum of about 1.
 *
 * @throws PipelineError `model.notProbabilities`.
 */
export function checkProbabilities(
  heads: readonly Float32Array[],
  { attributes, activation }: ModelCard,
  source: string,
): void {
  attributes.forEach(({ name, labels }, head) => {
    const row = heads[head]?.subarray(0, labels.length) ?? new Float32Array();
    const sum = row.reduce((a, b) => a + b, 0);
    if (row.every((value) => value >= 0) && Math.abs(sum - 1) < 0.01) return;
    const remedy =
      activation === 'softmax'
        ? 'Its weights are broken: copy, convert or train the model again.'
        : 'If they are logits, add "activation": "softmax" to pipeline.json.';
    throw new PipelineError(
      'model.notProbabilities',
      `The numbers that the net of the model at '${source}' returns for ${name} are not probabilities: their sum is ` +
        `${sum}, the least is ${Math.min(...row)}. ${remedy}`,
      { value: name },
    );
  });
}
