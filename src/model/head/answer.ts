import { fromFloat16 } from '../../work/index.js';
import type { ModelFiles } from '../files/files.js';
import { bytesOf } from '../files/model-json.js';
import type { Head, ModelAttribute } from '../model.js';
import { predictionOf } from '../run/answers.js';

/** The name of the layer that is the head for an attribute. */
export const headName = (attribute: string): string => `head_${attribute.replace(/\W/g, '_')}`;

/** The head of a model that `trainHead` wrote; undefined of any other model. */
export async function headOf(files: ModelFiles, attributes: readonly ModelAttribute[]): Promise<Head | undefined> {
  const { card } = files;
  const [attribute, ...others] = attributes;
  if (card.headOf === undefined || attribute === undefined || others.length > 0) return undefined;
  const name = headName(attribute.name);
  const [kernel, bias] = [await weightOf(files, `${name}/kernel`), await weightOf(files, `${name}/bias`)];
  const count = attribute.labels.length;
  if (!kernel || bias?.length !== count) return undefined;
  return {
    of: card.headOf,
    answer(features) {
      const logits = Float32Array.from(bias);
      features.forEach((value, row) => {
        for (let i = 0; i < count; i++) logits[i] = (logits[i] ?? 0) + value * (kernel[row * count + i] ?? 0);
      });
      const greatest = logits.reduce((a, b) => Math.max(a, b));
      const powers = logits.map((logit) => Math.exp(logit - greatest));
      const sum = powers.reduce((a, b) => a + b);
      const scores = { [attribute.name]: powers.map((power) => power / sum) };
      return { prediction: predictionOf(scores, attributes), scores };
    },
  };
}

/** The numbers of a weight that is stored in half precision in the model's only file of weights. */
async function weightOf({ network, weights: [file] }: ModelFiles, name: string): Promise<Float32Array | undefined> {
  let at = 0;
  for (const weight of network.weightsManifest.flatMap(({ weights }) => weights)) {
    const length = bytesOf([weight]);
    if (length === undefined) return undefined;
    if (weight.name === name && weight.quantization?.dtype === 'float16')
      return file && fromFloat16(new Uint16Array(Uint8Array.from(file.subarray(at, at + length)).buffer));
    at += length;
  }
  return undefined;
}
