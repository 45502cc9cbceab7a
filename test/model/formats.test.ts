import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, loadModel, type Model, useBackend } from '../../src/model/index.js';
import { nodeBackend } from '../../src/model/net/recording.js';
import { PipelineError } from '../../src/work/errors.js';
import { expected, graphNet } from './graph.js';
import { artifactsOf, cardOf, height, layersNet, noise, quantized, width, writeModel } from './nets.js';
import { tensorflow } from './tensorflow.js';

let images: { png: Uint8Array; rgb: Uint8Array }[];
beforeAll(async () => {
  images = await noise(3);
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'formats-'));
});
afterEach(() => rm(folder, { recursive: true }));

const floats = (rgb: Uint8Array): Float32Array => Float32Array.from(rgb, (value) => value / 127.5 - 1);

/** All probabilities and the embedding of each image, in a batch of a size that tfjs-node runs as one graph. */
async function detailsOf(model: Model) {
  const all = [];
  for await (const { scores, embedding, error } of model.predictAll(images, {
    data: ({ png }) => png,
    details: model.dimensions !== undefined,
  })) {
    if (error) throw error;
    all.push({ scores, embedding });
  }
  return all;
}

/** Expects the folder's model to give each image these probabilities, in full where it has an embedding. */
async function expectScores(backend: Backend, scores: (rgb: Uint8Array) => Float32Array): Promise<void> {
  const model = await loadModel(folder, { backend });
  const [labels = []] = model.attributes.map((attribute) => attribute.labels);
  const predictions = await model.predict(images.map(({ png }) => png));
  const graph = backend === 'tensorflow' ? vi.spyOn(nodeBackend(), 'runSavedModel') : undefined;
  const details = await detailsOf(model);
  if (graph) expect(graph).toHaveBeenCalled();
  graph?.mockRestore();
  images.forEach(({ rgb }, i) => {
    const wanted = [...scores(rgb)];
    const prediction = predictions[i];
    if (prediction === undefined || prediction instanceof PipelineError)
      throw prediction ?? new Error('A prediction is missing');
    const highest = Math.max(...wanted);
    expect(prediction.kind?.label).toBe(labels[wanted.indexOf(highest)]);
    expect(Math.abs((prediction.kind?.confidence ?? NaN) - highest)).toBeLessThan(1e-5);
    wanted.forEach((value, label) => {
      if (model.dimensions !== undefined)
        expect(Math.abs((details[i]?.scores?.kind?.[label] ?? NaN) - value)).toBeLessThan(1e-5);
    });
  });
  model.dispose();
}

const directly = (net: tf.LayersModel) => (rgb: Uint8Array) => {
  const output = net.predict(tf.tensor4d(floats(rgb), [1, height, width, 3]));
  return Float32Array.from([output].flat()[0]?.dataSync() ?? []);
};

// The tensorflow part is skipped without tfjs-node (build it with scripts/tfjs-node.mjs).
describe.each<Backend>(tensorflow ? ['wasm', 'tensorflow'] : ['wasm'])('a layers model on %s', (backend) => {
  beforeEach(() => useBackend(backend));

  it.each(['layers-model', undefined])(
    '(format %s) gives what its net gives, from weights in several groups and files',
    async (format) => {
      const net = layersNet();
      await writeModel(
        folder,
        { ...(format && { format }), ...(await artifactsOf(net)) },
        cardOf({ embedding: 'features' }),
      );
      await expectScores(backend, directly(net));
    },
  );

  it.each(['uint8', 'uint16'] as const)('takes %s weights', async (dtype) => {
    const net = layersNet();
    const { weights, ...rest } = await artifactsOf(net);
    const stored = weights.map((weight) => quantized(weight, dtype));
    net.setWeights(stored.map(({ values }) => values));
    await writeModel(
      folder,
      { ...rest, weights: stored.map(({ weight }) => weight) },
      cardOf({ embedding: 'features' }),
    );
    await expectScores(backend, directly(net));
  });

  it('puts logits through a softmax where the card says so, and says so where it does not', async () => {
    const net = layersNet({ activation: 'linear' });
    const artifacts = await artifactsOf(net);
    await writeModel(folder, artifacts, cardOf({ embedding: 'features', activation: 'softmax' }));
    await expectScores(backend, (rgb) => Float32Array.from(tf.softmax(tf.tensor1d(directly(net)(rgb))).dataSync()));
    await writeModel(folder, artifacts, cardOf());
    await expect(loadModel(folder, { backend })).rejects.toMatchObject({
      code: 'model.notProbabilities',
      message: expect.stringMatching(/kind.*"activation": "softmax"/),
    });
  });

  it('feeds a net of a fixed batch of 1 image by image', async () => {
    const net = layersNet({ batch: 1 });
    await writeModel(folder, await artifactsOf(net), cardOf({ embedding: 'features' }));
    await expectScores(backend, directly(net));
  });

  it('refuses a net of another fixed batch', async () => {
    await writeModel(folder, await artifactsOf(layersNet({ batch: 4 })), cardOf());
    await expect(loadModel(folder, { backend })).rejects.toMatchObject({
      code: 'model.fixedBatch',
      message: expect.stringContaining('batches of 4'),
    });
  });

  it('finds the layer of a net within the net, as transfer learning leaves it', async () => {
    const inner = tf.sequential({
      name: 'base',
      layers: [
        tf.layers.conv2d({ inputShape: [height, width, 3], filters: 4, kernelSize: 3 }),
        tf.layers.globalAveragePooling2d({}),
      ],
    });
    const net = tf.sequential({ layers: [inner, tf.layers.dense({ units: 3, activation: 'softmax' })] });
    await writeModel(folder, await artifactsOf(net), cardOf({ embedding: 'base' }));
    const model = await loadModel(folder, { backend });
    const [first] = await detailsOf(model);
    const direct = inner.predict(tf.tensor4d(floats(images[0]?.rgb ?? new Uint8Array()), [1, height, width, 3]));
    [...([direct].flat()[0]?.dataSync() ?? [])].forEach((value, i) =>
      expect(first?.embedding?.[i]).toBeCloseTo(value, 5),
    );
    model.dispose();
  });
});

describe.each<Backend>(tensorflow ? ['wasm', 'tensorflow'] : ['wasm'])('a graph model on %s', (backend) => {
  beforeEach(() => useBackend(backend));

  const card = (rest: Parameters<typeof cardOf>[0] = {}) =>
    cardOf({
      attributes: [{ name: 'kind', labels: ['first', 'second', 'third'], output: 'probabilities' }],
      embedding: 'features',
      ...rest,
    });

  it('predicts what the same operations do, and embeds by a node that is a vector, or a map to average', async () => {
    for (const embedding of ['features', 'map']) {
      await writeModel(folder, graphNet(), card({ embedding }));
      await expectScores(backend, (rgb) => expected(floats(rgb)).probabilities);
      const model = await loadModel(folder, { backend });
      const details = await detailsOf(model);
      images.forEach(({ rgb }, i) =>
        [...expected(floats(rgb)).features].forEach((value, k) =>
          expect(details[i]?.embedding?.[k]).toBeCloseTo(value, 5),
        ),
      );
      model.dispose();
    }
  });

  it('takes logits from the output that the card names', async () => {
    await writeModel(
      folder,
      graphNet(),
      card({
        activation: 'softmax',
        attributes: [{ name: 'kind', labels: ['first', 'second', 'third'], output: 'logits' }],
      }),
    );
    await expectScores(backend, (rgb) => expected(floats(rgb)).probabilities);
  });

  it('normalises each channel on its own, in the order blue, green, red', async () => {
    const [scale, offset] = [
      [1 / 58, 1 / 57, 1 / 59] as [number, number, number],
      [-2.1, -2, -1.8] as [number, number, number],
    ];
    await writeModel(folder, graphNet(), card({ input: { scale, offset, channels: 'bgr' } }));
    await expectScores(
      backend,
      (rgb) =>
        expected(
          rgb.reduce((all, value, i) => {
            all[i - (i % 3) + 2 - (i % 3)] = value * (scale[2 - (i % 3)] ?? 0) + (offset[2 - (i % 3)] ?? 0);
            return all;
          }, new Float32Array(rgb.length)),
        ).probabilities,
    );
  });

  it('lays the channels first where the net wants them there', async () => {
    await writeModel(folder, graphNet({ layout: 'nchw' }), card({ input: { layout: 'nchw' } }));
    await expectScores(backend, (rgb) => expected(floats(rgb)).probabilities);
  });

  it('gives whole numbers to a net of whole numbers, image by image to one of a fixed batch', async () => {
    await writeModel(folder, graphNet({ dtype: 'DT_INT32', batch: 1 }), card({ input: { scale: 1, offset: 0 } }));
    await expectScores(backend, (rgb) => expected(Float32Array.from(rgb)).probabilities);
  });

  it('leaves no tensor behind', async () => {
    await writeModel(folder, graphNet(), card());
    const before = tf.memory().numTensors;
    const model = await loadModel(folder, { backend, processes: 0 });
    await detailsOf(model);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names an operation that TensorFlow.js does not have', async () => {
    await writeModel(
      folder,
      graphNet({ multiply: { name: 'product', op: 'Frobnicate', input: ['features', 'dense'] } }),
      card(),
    );
    await expect(loadModel(folder, { backend })).rejects.toMatchObject({
      code: 'model.unsupportedOp',
      value: 'Frobnicate',
      message: expect.stringContaining('Convert the model without it'),
    });
  });

  it('embeds to length 1, an unreadable image to its error, and says where it cannot', async () => {
    await writeModel(folder, graphNet(), card());
    const model = await loadModel(folder, { backend });
    const [first, error, second] = await model.embed([
      images[0]?.png ?? new Uint8Array(),
      new Uint8Array(),
      images[1]?.png ?? new Uint8Array(),
    ]);
    expect(error).toMatchObject({ code: 'image.unreadable' });
    for (const [vector, rgb = new Uint8Array()] of [
      [first, images[0]?.rgb],
      [second, images[1]?.rgb],
    ] as const) {
      const { features } = expected(floats(rgb));
      const length = Math.hypot(...features);
      if (!(vector instanceof Float32Array)) throw new Error('No vector');
      expect(vector).toHaveLength(4);
      vector.forEach((value, i) => expect(value).toBeCloseTo((features[i] ?? NaN) / length, 5));
    }
    model.dispose();
    await writeModel(folder, graphNet(), card({ embedding: undefined }));
    const without = await loadModel(folder, { backend });
    await expect(without.embed([])).rejects.toMatchObject({ code: 'model.noEmbedding' });
    without.dispose();
  });
});

const einsum = {
  name: 'product',
  op: 'Einsum',
  input: ['features', 'dense'],
  attr: { equation: { s: Buffer.from('bi,ij->bj').toString('base64') }, N: { i: '2' }, T: { type: 'DT_FLOAT' } },
};

it('names an operation that the wasm backend lacks, and the backend that has it', async () => {
  await writeModel(
    folder,
    graphNet({ multiply: einsum }),
    cardOf({ attributes: [{ name: 'kind', labels: ['a', 'b', 'c'], output: 'probabilities' }] }),
  );
  await expect(loadModel(folder, { backend: 'wasm' })).rejects.toMatchObject({
    code: 'model.unsupportedOp',
    value: 'Einsum',
    message: expect.stringMatching(/Einsum.*wasm.*tensorflow backend/),
  });
});

// Skipped without tfjs-node (build it with scripts/tfjs-node.mjs).
it.skipIf(!tensorflow)('runs that operation on tensorflow (needs tfjs-node)', async () => {
  await writeModel(
    folder,
    graphNet({ multiply: einsum }),
    cardOf({ embedding: 'features', attributes: [{ name: 'kind', labels: ['a', 'b', 'c'], output: 'probabilities' }] }),
  );
  await expectScores('tensorflow', (rgb) => expected(floats(rgb)).probabilities);
});

it('reads labels from a file, one a line, as the same model', async () => {
  await writeModel(
    folder,
    graphNet(),
    cardOf({
      attributes: [{ name: 'kind', labels: ['first', 'second one', 'third'], output: 'logits' }],
      activation: 'softmax',
    }),
  );
  const inline = await loadModel(folder);
  await writeFile(path.join(folder, 'labels.txt'), 'first\r\nsecond one\r\nthird\r\n\r\n');
  await writeFile(
    path.join(folder, 'pipeline.json'),
    JSON.stringify({
      ...cardOf({ activation: 'softmax' }),
      attributes: [{ name: 'kind', labels: 'labels.txt', output: 'logits' }],
    }),
  );
  const model = await loadModel(folder);
  expect(model.attributes[0]?.labels).toEqual(['first', 'second one', 'third']);
  expect(model.fingerprint).toBe(inline.fingerprint);
  for (const each of [inline, model]) each.dispose();
});
