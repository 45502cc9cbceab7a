import type * as tf from '@tensorflow/tfjs';
import { bytesOf, type NetworkFile } from '../files/model-json.js';

/**
 * The weights of a net as TensorFlow.js takes them: their descriptions, and one buffer. `nameOf` may give a weight
 * another name, or undefined, which leaves it out.
 */
export function joined(
  { weightsManifest }: NetworkFile,
  files: readonly Uint8Array[],
  nameOf: (name: string) => string | undefined = (name) => name,
): { weightSpecs: tf.io.WeightsManifestEntry[]; weightData: ArrayBuffer } {
  const bytes = new Uint8Array(files.reduce((sum, { length }) => sum + length, 0));
  files.reduce((at, file) => {
    bytes.set(file, at);
    return at + file.length;
  }, 0);
  const weightSpecs: tf.io.WeightsManifestEntry[] = [];
  let [from, to] = [0, 0];
  for (const weight of weightsManifest.flatMap(({ weights }) => weights)) {
    const name = nameOf(weight.name);
    // The length of texts is stored with them, in front of each: such weights, and what follows them, stay as they are.
    const end = from + (bytesOf([weight]) ?? bytes.length - from);
    if (name !== undefined) {
      weightSpecs.push({ ...weight, name });
      bytes.copyWithin(to, from, end);
      to += end - from;
    }
    from = end;
  }
  return { weightSpecs, weightData: to === bytes.length ? bytes.buffer : bytes.buffer.slice(0, to) };
}
