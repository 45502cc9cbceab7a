import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { replaceFiles, toFloat16 } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import { fileNames } from '../files/files.js';
import { networkFile } from '../files/model-json.js';

/**
 * Writes a model to a folder: the net, its card, its weights, and which images it was trained on. A number takes two
 * bytes (half precision), or one byte in the weights that `inBytes` selects by name.
 */
export async function saveModel(
  folder: string,
  model: tf.LayersModel,
  card: ModelCard,
  trainedOn: Uint8Array,
  inBytes: (weight: string) => boolean = () => false,
): Promise<void> {
  const { modelTopology, weightSpecs = [], weightData } = await artifactsOf(model);
  const values = new Float32Array(tf.io.CompositeArrayBuffer.join(weightData));
  let at = 0;
  const stored: { bytes: Uint8Array; spec: object }[] = [];
  for (const { name, shape, ...spec } of weightSpecs) {
    const some = values.subarray(at, (at += tf.util.sizeFromShape(shape)));
    const { bytes, quantization } = inBytes(name)
      ? toBytes(some)
      : { bytes: await toFloat16(some), quantization: { dtype: 'float16' as const } };
    stored.push({ bytes: Buffer.from(bytes.buffer), spec: { name, shape, ...spec, quantization } });
  }
  const network = networkFile.parse({
    format: 'layers-model',
    modelTopology,
    weightsManifest: [
      {
        paths: [fileNames.weights],
        weights: stored.map(({ spec }) => spec),
      },
    ],
  });
  // Together: a net with the weights of another would label wrongly.
  await replaceFiles([
    [path.join(folder, fileNames.network), `${JSON.stringify(network)}\n`],
    [path.join(folder, fileNames.weights), Buffer.concat(stored.map(({ bytes }) => bytes))],
    [path.join(folder, fileNames.trainedOn), trainedOn],
    [path.join(folder, fileNames.card), `${JSON.stringify({ ...card, trainedOn: fileNames.trainedOn }, null, 2)}\n`],
  ]);
}

/** Rounds the values to 256 even steps from the least to the largest, a byte each. */
export function toBytes(values: Float32Array): {
  bytes: Uint8Array;
  quantization: { dtype: 'uint8'; min: number; scale: number };
} {
  const min = values.reduce((a, b) => Math.min(a, b), Infinity);
  const scale = (values.reduce((a, b) => Math.max(a, b), -Infinity) - min) / 255 || 1;
  return {
    bytes: Uint8Array.from(values, (value) => Math.round((value - min) / scale)),
    quantization: { dtype: 'uint8', min, scale },
  };
}

async function artifactsOf(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return artifacts;
}
