import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { toFloat16 } from '../../float16.js';
import type { ModelCard } from '../card.js';
import { fileNames } from '../files.js';
import { networkFile } from '../network.js';

/** Writes a model to a folder: the net, its weights in half precision, its card. */
export async function saveModel(folder: string, model: tf.LayersModel, card: ModelCard): Promise<void> {
  const { modelTopology, weightSpecs = [], weightData } = await artifactsOf(model);
  const network = networkFile.parse({
    format: 'layers-model',
    modelTopology,
    weightsManifest: [
      {
        paths: [fileNames.weights],
        weights: weightSpecs.map((spec) => ({ ...spec, quantization: { dtype: 'float16' } })),
      },
    ],
  });
  const weights = toFloat16(new Float32Array(tf.io.CompositeArrayBuffer.join(weightData)));
  await mkdir(folder, { recursive: true });
  const write = (name: string, data: string | Uint8Array) => writeFile(path.join(folder, name), data);
  await write(fileNames.network, `${JSON.stringify(network)}\n`);
  await write(fileNames.weights, new Uint8Array(weights.buffer));
  await write(fileNames.card, `${JSON.stringify(card, null, 2)}\n`);
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
