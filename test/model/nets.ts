import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import type { ModelCard } from '../../src/model/files/card.js';

/** The size of the small nets' images. */
export const [width, height] = [6, 8];
export const pixels = width * height * 3;

/** The card of a small net; what it takes and gives can be said otherwise. */
export const cardOf = ({
  input,
  ...rest
}: Partial<Omit<ModelCard, 'input'>> & { input?: Partial<ModelCard['input']> } = {}) => ({
  name: 'small',
  input: { width, height, scale: 1 / 127.5, offset: -1, ...input },
  attributes: [{ name: 'kind', labels: ['first', 'second', 'third'] }],
  ...rest,
});

/** Numbers that look random and are always the same ones. */
export const numbers = (count: number, seed = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 * seed));

/** Images of noise as PNG, of the nets' own size, beside their pixels. */
export async function noise(count: number): Promise<{ png: Uint8Array; rgb: Uint8Array }[]> {
  const rgbs = Array.from({ length: count }, (_, i) =>
    Uint8Array.from(numbers(pixels, i + 2), (value) => 127 + 127 * value),
  );
  return Promise.all(
    rgbs.map(async (rgb) => ({
      rgb,
      png: await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    })),
  );
}

/** A Keras net of a convolution, a pooling (`features`) and a dense head. */
export function layersNet({
  activation = 'softmax',
  batch,
}: {
  activation?: 'softmax' | 'linear';
  batch?: number;
} = {}): tf.LayersModel {
  const image = tf.input({
    ...(batch === undefined ? { shape: [height, width, 3] } : { batchShape: [batch, height, width, 3] }),
    name: 'image',
  });
  const weighted = (layer: tf.layers.Layer, input: tf.SymbolicTensor, seed: number) => {
    const output = layer.apply(input);
    layer.setWeights(layer.getWeights().map(({ shape, size }) => tf.tensor(numbers(size, seed), shape)));
    if (!(output instanceof tf.SymbolicTensor)) throw new Error('One output');
    return output;
  };
  const map = weighted(tf.layers.conv2d({ name: 'map', filters: 4, kernelSize: 3, activation: 'relu' }), image, 3);
  const features = weighted(tf.layers.globalAveragePooling2d({ name: 'features' }), map, 1);
  return tf.model({
    inputs: image,
    outputs: weighted(tf.layers.dense({ name: 'kind', units: 3, activation }), features, 5),
  });
}

type Weight = tf.io.WeightsManifestEntry & { data: Uint8Array };

/** The weights of a Keras net, each with its bytes, and its topology. */
export async function artifactsOf(net: tf.LayersModel): Promise<{ modelTopology: object; weights: Weight[] }> {
  let saved: tf.io.ModelArtifacts = {};
  await net.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology = {}, weightSpecs = [], weightData } = saved;
  const all = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  let at = 0;
  return {
    modelTopology,
    weights: weightSpecs.map((spec) => ({
      ...spec,
      data: all.slice(at, (at += tf.util.sizeFromShape(spec.shape) * 4)),
    })),
  };
}

/** A weight as integers between its least and greatest value, and what is left of its values. */
export function quantized({ data, ...spec }: Weight, dtype: 'uint8' | 'uint16'): { weight: Weight; values: tf.Tensor } {
  const values = new Float32Array(data.slice().buffer);
  const min = Math.min(...values);
  const scale = (Math.max(...values) - min) / (dtype === 'uint8' ? 255 : 65535) || 1;
  const integers = Array.from(values, (value) => Math.round((value - min) / scale));
  const stored = dtype === 'uint8' ? Uint8Array.from(integers) : Uint16Array.from(integers);
  const left = tf.tensor(
    integers.map((integer) => integer * scale + min),
    spec.shape,
  );
  return {
    weight: { ...spec, quantization: { dtype, min, scale }, data: new Uint8Array(stored.buffer) },
    values: left,
  };
}

/** Writes a model as the converter does: the weights in two groups, each cut into files of `shard` bytes. */
export async function writeModel(
  folder: string,
  network: { format?: string; modelTopology: object; weights: Weight[] },
  card: object,
  shard = 100,
): Promise<void> {
  const { weights, ...rest } = network;
  await mkdir(folder, { recursive: true });
  const weightsManifest = [];
  for (const [group, some] of [weights.slice(0, 1), weights.slice(1)].entries()) {
    const bytes = Buffer.concat(some.map(({ data }) => data));
    const paths = [];
    for (let at = 0; at < bytes.length; at += shard) {
      const name: string = `./group${group + 1}-shard${paths.length + 1}.bin`;
      await writeFile(path.join(folder, name), bytes.subarray(at, at + shard));
      paths.push(name);
    }
    weightsManifest.push({ paths, weights: some.map(({ data: _, ...spec }) => spec) });
  }
  await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...rest, weightsManifest }));
  await writeFile(path.join(folder, 'pipeline.json'), JSON.stringify(card));
}
