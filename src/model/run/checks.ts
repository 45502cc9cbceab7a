import type * as tf from '@tensorflow/tfjs';
import { didYouMean, PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { Net } from '../net/net.js';
import type { ModelInput } from './preprocess.js';

const textOf = (shape: readonly (number | null)[]): string =>
  shape.map((size) => size ?? '?').join('x') || 'a single number';

/** How a net takes its batches. */
export interface NetInput {
  /** The card's, with the channels that the net takes. */
  input: ModelInput;
  /** Whether it takes one image at a time only. */
  single: boolean;
  /** The shape of an image: three axes, without channels two, or one of all its numbers. */
  image: number[];
}

/**
 * Checks that a net takes images as its card describes them.
 *
 * @throws PipelineError `model.inputMismatch`, `model.fixedBatch`.
 */
export function checkInput(inputs: Net['inputs'], { input }: ModelCard, source: string): NetInput {
  const { width, height, layout } = input;
  const [shape] = inputs;
  if (inputs.length !== 1) {
    throw new PipelineError(
      'model.inputMismatch',
      `The net of the model at '${source}' has ${inputs.length} inputs; the kit runs nets with one, a batch ` +
        'of images. Convert the model with that input only.',
      { value: inputs.length },
    );
  }
  const given = input.channels === undefined ? [3, 1] : [input.channels === 'grey' ? 1 : 3];
  const forms = given.flatMap((channels) => {
    const resolved: ModelInput = channels === 1 ? { ...input, channels: 'grey' } : input;
    const image = layout === 'nchw' ? [channels, height, width] : [height, width, channels];
    const others = [
      ...(channels === 1 ? [[height, width]] : []),
      ...(layout === 'nchw' ? [] : [[height * width * channels]]),
    ];
    return [image, ...others].map((image) => ({ input: resolved, image }));
  });
  const [batch, ...image] = shape ?? [null, null, null, null];
  const form = forms.find(
    ({ image: sizes }) => sizes.length === image.length && sizes.every((size, i) => size === (image[i] ?? size)),
  );
  if (form === undefined) throw inputMismatch(image, forms[0]?.image ?? [], source);
  const { scale, offset } = input;
  if (form.input.channels === 'grey' && (typeof scale !== 'number' || typeof offset !== 'number')) {
    throw new PipelineError(
      'model.inputMismatch',
      `The net of the model at '${source}' takes grey images, but its pipeline.json scales three channels. Give one ` +
        'number as the scale, and one as the offset.',
      { value: { scale, offset } },
    );
  }
  if (batch !== null && batch !== undefined && batch > 1) throw fixedBatch(source, batch);
  return { ...form, single: batch === 1 };
}

function inputMismatch(image: readonly (number | null)[], wanted: readonly number[], source: string): PipelineError {
  const colours = [1, 3, null, undefined];
  const odd = image.length === 3 && !colours.includes(image[2]) && !colours.includes(image[0]);
  const remedy = odd
    ? 'The kit gives three channels ("rgb" or "bgr") or one ("grey"): convert the model with such an input.'
    : 'Correct the width, the height, the channels ("rgb", "bgr" or "grey") or the layout in pipeline.json.';
  return new PipelineError(
    'model.inputMismatch',
    `The net of the model at '${source}' takes images of ${textOf(image)}, its pipeline.json says ` +
      `${textOf(wanted)}. ${remedy}`,
    { value: image },
  );
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
      const one = sizes.length === 0 && labels.length === 2;
      if (!one && (sizes.length !== 1 || sizes[0] !== labels.length)) {
        throw new PipelineError(
          'model.labelsMismatch',
          `The net of the model at '${source}' returns ${textOf(shape)} for ${name}, its pipeline.json has ` +
            `${labels.length} labels. Give one label for each number, in their order; for a single number, which is ` +
            'the probability of the second label, give two.',
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
