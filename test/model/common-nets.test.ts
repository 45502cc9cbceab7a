import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, loadModel, useBackend } from '../../src/model/index.js';
import { prepare } from '../../src/model/run/preprocess.js';
import { PipelineError } from '../../src/work/errors.js';
import { expected, graphNet } from './graph.js';
import { artifactsOf, cardOf, height, layersNet, noise, numbers, pixels, width, writeModel } from './nets.js';
import { tensorflow } from './tensorflow.js';

type Network = Parameters<typeof writeModel>[1];
type Json = Record<string, unknown>;
/** The floats of an image as the card has them made, [height, width, 3]. */
type Answer = (floats: Float32Array) => ArrayLike<number>;

interface Common {
  network: () => Promise<Network>;
  card?: Parameters<typeof cardOf>[0];
  /** The probabilities, or what the one line says. */
  gives: Answer | RegExp;
}

const two = [{ name: 'kind', labels: ['cat', 'dog'] }];
const weigh = (net: tf.LayersModel): tf.LayersModel => {
  net.setWeights(net.getWeights().map(({ shape, size }, i) => tf.tensor(numbers(size, i + 3), shape)));
  return net;
};

/** A net of one dense layer. */
const dense = (units: number, activation?: 'softmax' | 'sigmoid', shape: number[] = [height, width, 3]) =>
  weigh(
    tf.sequential({
      layers: [
        ...(shape.length > 1 ? [tf.layers.flatten({ inputShape: shape })] : []),
        tf.layers.dense({
          name: 'kind',
          units,
          ...(shape.length === 1 && { inputShape: shape }),
          ...(activation && { activation }),
        }),
      ],
    }),
  );
const made = (net: tf.LayersModel) => () => artifactsOf(net);

/** What a net itself makes of the floats, in a shape. */
const by =
  (net: tf.LayersModel, shape: number[] = [height, width, 3]): Answer =>
  (floats) => {
    const [output] = [net.predict(tf.tensor(floats, [1, ...shape]))].flat();
    return output?.dataSync() ?? [];
  };
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const binary =
  (answer: Answer): Answer =>
  (floats) => [1 - (answer(floats)[0] ?? 0), answer(floats)[0] ?? 0];
const softmaxOf =
  (answer: Answer): Answer =>
  (floats) =>
    tf.softmax(tf.tensor1d(Array.from(answer(floats)))).dataSync();
const sigmoidOf =
  (answer: Answer): Answer =>
  (floats) =>
    Array.from(answer(floats), sigmoid);
const grey = (floats: Float32Array): Float32Array =>
  Float32Array.from({ length: floats.length / 3 }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = Array.from(
      floats.subarray(3 * i, 3 * i + 3),
      (value) => (value + 1) * 127.5,
    );
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue) / 127.5 - 1;
  });

/** A net behind a layer that TensorFlow.js may not have, as JSON; `weights` come first. */
function behind(kind: string, config: Json, net: tf.LayersModel, weights: Network['weights'] = []) {
  return async (): Promise<Network> => {
    const { modelTopology, weights: others } = await artifactsOf(net);
    const topology = structuredClone(modelTopology) as { config: { layers: Json[] } };
    const shape = { batch_input_shape: [null, height, width, 3], dtype: 'float32' };
    topology.config.layers.unshift({
      class_name: kind,
      config: { name: 'first', trainable: true, ...shape, ...config },
    });
    return { modelTopology: topology, weights: [...weights, ...others] };
  };
}
const weight = (name: string, values: number[]) => ({
  name,
  shape: [values.length],
  dtype: 'float32' as const,
  data: new Uint8Array(Float32Array.from(values).buffer),
});

/** The same net as Keras 3 writes it. */
function asKeras3(net: tf.LayersModel) {
  return async (): Promise<Network> => {
    const { modelTopology, weights } = await artifactsOf(net);
    const visit = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(visit);
      if (typeof value !== 'object' || value === null) return value;
      const { batch_input_shape, dtype, alpha, inbound_nodes, ...fields } = value as Json;
      const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: dtype }, registered_name: null };
      const tensor = (from: unknown) => ({
        class_name: '__keras_tensor__',
        config: { shape: [null, 1], dtype: 'float32', keras_history: (from as unknown[]).slice(0, 3) },
      });
      return {
        ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, visit(field)])),
        ...(batch_input_shape !== undefined && { batch_shape: batch_input_shape }),
        ...(dtype !== undefined && { dtype: policy }),
        ...(alpha !== undefined && { negative_slope: alpha }),
        ...(Array.isArray(inbound_nodes) && {
          inbound_nodes: inbound_nodes.map((node) => ({ args: (node as unknown[]).map(tensor), kwargs: {} })),
        }),
      };
    };
    const state = { ...weight('functional/dropout/seed_generator/seed_generator_state', [1, 2]) };
    return {
      modelTopology: { ...(visit(modelTopology) as Json), keras_version: '3.8.0' },
      weights: [state, ...weights.map(({ name, ...rest }) => ({ ...rest, name: `functional/${name}` }))],
    };
  };
}

const leaky = () =>
  weigh(
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [height, width, 3], filters: 4, kernelSize: 3 }),
        tf.layers.leakyReLU({ alpha: 0.01 }),
        tf.layers.flatten(),
        tf.layers.dense({ name: 'kind', units: 3, activation: 'softmax' }),
      ],
    }),
  );
const anySize = () => {
  const layers = [
    tf.layers.conv2d({ inputShape: [null, null, 3] as unknown as number[], filters: 4, kernelSize: 3 }),
    tf.layers.globalAveragePooling2d({}),
    tf.layers.dense({ name: 'kind', units: 3, activation: 'softmax' }),
  ];
  return weigh(tf.sequential({ layers }));
};
const graph = (output: string, change: (net: ReturnType<typeof graphNet>) => unknown = () => {}) => ({
  async network() {
    const net = graphNet();
    change(net);
    return net;
  },
  attributes: [{ name: 'kind', labels: ['first', 'second', 'third'], output }],
});
const probabilities: Answer = (floats) => expected(floats).probabilities;
const endWithSigmoid = ({ modelTopology }: ReturnType<typeof graphNet>) => {
  for (const node of modelTopology.node) if (node.name === 'probabilities') node.op = 'Sigmoid';
};
const logits: Answer = (floats) => expected(floats).logits;

const twoInputs = () => {
  const inputs = ['image', 'other'].map((name) => tf.input({ name, shape: [height, width, 3] }));
  const outputs = softmax3.apply(tf.layers.average().apply(inputs) as tf.SymbolicTensor) as tf.SymbolicTensor;
  return tf.model({ inputs, outputs });
};

const softmax3 = dense(3, 'softmax');
const linear3 = dense(3);
const sigmoid3 = dense(3, 'sigmoid');
const [sigmoid1, linear1] = [dense(1, 'sigmoid'), dense(1)];
const [mean, variance] = [
  [0.1, -0.2, 0.3],
  [0.5, 2, 0.25],
];
const normalised: Answer = (floats) =>
  by(softmax3)(floats.map((value, i) => (value - (mean[i % 3] ?? 0)) / Math.sqrt(variance[i % 3] ?? 1)));
const [half, narrow] = [dense(3, 'softmax', [4, 3, 3]), dense(3, 'softmax', [6, 3, 3])];
const asGraph = /tensorflowjs_converter --input_format=tf_saved_model --output_format=tfjs_graph_model/;

const nets: Record<string, Common> = {
  'a dense layer with a softmax': { network: made(softmax3), gives: by(softmax3) },
  'a convolution with a pooling': { network: made(layersNet()), gives: by(layersNet()) },
  'a softmax as a layer': {
    network: made(tf.sequential({ layers: [linear3, tf.layers.softmax()] })),
    gives: softmaxOf(by(linear3)),
  },
  'a softmax as an activation, reshaped': {
    network: made(
      tf.sequential({
        layers: [linear3, tf.layers.activation({ activation: 'softmax' }), tf.layers.reshape({ targetShape: [1, 3] })],
      }),
    ),
    card: { activation: 'softmax' },
    gives: softmaxOf(by(linear3)),
  },
  'logits that the card does not mention': {
    network: made(linear3),
    gives: /for kind are not probabilities.*If they are logits, add "activation": "softmax"/,
  },
  'logits of labels of which one holds': {
    network: made(linear3),
    card: { activation: 'softmax' },
    gives: softmaxOf(by(linear3)),
  },
  'a softmax, where the card says softmax too': {
    network: made(softmax3),
    card: { activation: 'softmax' },
    gives: by(softmax3),
  },
  'a softmax, where the card says sigmoid': {
    network: made(softmax3),
    card: { activation: 'sigmoid' },
    gives: /ends with a softmax for kind.*"activation": "sigmoid".*Write "softmax"/,
  },
  'one sigmoid for two labels': { network: made(sigmoid1), card: { attributes: two }, gives: binary(by(sigmoid1)) },
  'one sigmoid, where the card says so too': {
    network: made(sigmoid1),
    card: { attributes: two, activation: 'sigmoid' },
    gives: binary(by(sigmoid1)),
  },
  'one logit for two labels': {
    network: made(linear1),
    card: { attributes: two, activation: 'sigmoid' },
    gives: binary(sigmoidOf(by(linear1))),
  },
  'one number that the card does not explain': {
    network: made(linear1),
    card: { attributes: two },
    gives: /one number for kind.*how likely 'dog' is, add "activation": "sigmoid"/,
  },
  'one number for three labels': { network: made(sigmoid1), gives: /returns 1 for kind.*3 labels.*give two/ },
  'a sigmoid for each label': {
    network: made(sigmoid3),
    card: { activation: 'sigmoid' },
    gives: by(sigmoid3),
  },
  'a logit for each label': { network: made(linear3), card: { activation: 'sigmoid' }, gives: sigmoidOf(by(linear3)) },
  'sigmoids that the card does not mention': {
    network: made(sigmoid3),
    gives: /a sum of .*If several labels may hold at once, add "activation": "sigmoid"/,
  },
  'grey images': {
    network: made(dense(3, 'softmax', [height, width, 1])),
    card: { input: { channels: 'grey' } },
    gives: (floats) => by(dense(3, 'softmax', [height, width, 1]), [height, width, 1])(grey(floats)),
  },
  'grey images without an axis of channels': {
    network: made(dense(3, 'softmax', [height, width])),
    gives: (floats) => by(dense(3, 'softmax', [height, width]), [height, width])(grey(floats)),
  },
  'a row of all numbers': {
    network: made(dense(3, 'softmax', [pixels])),
    gives: by(dense(3, 'softmax', [pixels]), [pixels]),
  },
  'a row of grey levels': {
    network: made(dense(3, 'softmax', [height * width])),
    gives: (floats) => by(dense(3, 'softmax', [height * width]), [height * width])(grey(floats)),
  },
  'four channels': {
    network: made(dense(3, 'softmax', [height, width, 4])),
    gives: /images of 8x6x4.*three channels.*or one/,
  },
  'Keras 3, a sequence': { network: asKeras3(leaky()), gives: by(leaky()) },
  'Keras 3, a graph of layers': { network: asKeras3(layersNet()), gives: by(layersNet()) },
  'Rescaling within': {
    network: behind('Rescaling', { scale: 2, offset: -1 }, softmax3),
    gives: (floats) => by(softmax3)(floats.map((value) => value * 2 - 1)),
  },
  'Normalization by its weights': {
    network: behind('Normalization', { axis: [-1] }, softmax3, [
      weight('first/mean', mean),
      weight('first/variance', variance),
      weight('first/count', [9]),
    ]),
    gives: normalised,
  },
  'Normalization by its configuration': {
    network: behind('Normalization', { mean, variance }, softmax3),
    gives: normalised,
  },
  'Resizing within': {
    network: behind('Resizing', { height: 4, width: 3, interpolation: 'nearest' }, half),
    gives: (floats) => {
      const images = tf.tensor4d(floats, [1, height, width, 3]);
      return by(half, [4, 3, 3])(Float32Array.from(images.stridedSlice([0, 1, 1], [1, 8, 6], [1, 2, 2]).dataSync()));
    },
  },
  'CenterCrop within': {
    network: behind('CenterCrop', { height: 6, width: 3 }, narrow),
    gives: (floats) =>
      by(
        narrow,
        [6, 3, 3],
      )(Float32Array.from(tf.tensor4d(floats, [1, height, width, 3]).slice([0, 1, 1, 0], [1, 6, 3, 3]).dataSync())),
  },
  'layers that vary images in training': {
    network: behind('RandomFlip', { mode: 'horizontal', seed: 1 }, softmax3),
    gives: by(softmax3),
  },
  'a layer of Python code': { network: behind('Lambda', {}, softmax3), gives: asGraph },
  'a layer of TensorFlow Hub': { network: behind('KerasLayer', {}, softmax3), gives: /the layer KerasLayer,.*Convert/ },
  'two outputs, each with its activation': {
    network: made(
      tf.model({
        inputs: softmax3.inputs,
        outputs: [
          ...softmax3.outputs,
          tf.layers
            .dense({ name: 'tags', units: 2, activation: 'sigmoid' })
            .apply(softmax3.layers[0]?.output ?? []) as tf.SymbolicTensor,
        ],
      }),
    ),
    card: {
      attributes: [
        { name: 'kind', labels: ['first', 'second', 'third'], output: 'kind' },
        { name: 'tags', labels: ['red', 'round'], output: 'tags', activation: 'sigmoid' },
      ],
    },
    gives: by(softmax3),
  },
  'images of any size': { network: made(anySize()), gives: by(anySize()) },
  'a fixed batch of one': { network: made(layersNet({ batch: 1 })), gives: by(layersNet({ batch: 1 })) },
  'two inputs': { network: made(twoInputs()), gives: /has 2 inputs/ },
  'weights that are no numbers': {
    network: async () => {
      const { weights, ...rest } = await artifactsOf(softmax3);
      const broken = new Uint8Array(new Float32Array(pixels * 3).fill(NaN).buffer);
      return { ...rest, weights: weights.map((one, i) => (i === 0 ? { ...one, data: broken } : one)) };
    },
    gives: /kind are not probabilities: NaN\. Its weights are broken/,
  },
  'a graph with a softmax': {
    ...graph('probabilities'),
    card: { activation: 'softmax', attributes: graph('probabilities').attributes },
    gives: probabilities,
  },
  'a graph with logits': {
    ...graph('logits'),
    card: { activation: 'softmax', attributes: graph('logits').attributes },
    gives: probabilities,
  },
  'a graph with sigmoids': {
    ...graph('probabilities', endWithSigmoid),
    card: { activation: 'sigmoid', attributes: graph('probabilities').attributes },
    gives: sigmoidOf(logits),
  },
};

let images: { png: Uint8Array; rgb: Uint8Array }[];
beforeAll(async () => {
  images = await noise(3);
});
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'common-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each<Backend>(tensorflow ? ['wasm', 'tensorflow'] : ['wasm'])('common nets on %s', (backend) => {
  beforeEach(() => useBackend(backend));

  it.each(Object.entries(nets))('%s', async (_, { network, card, gives }) => {
    await writeModel(folder, await network(), cardOf(card));
    const opening = loadModel(folder, { backend, processes: 0 });
    if (gives instanceof RegExp) {
      await expect(opening).rejects.toMatchObject({ message: expect.stringMatching(gives) });
      await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('\n') });
      return;
    }
    const model = await opening;
    const [labels = []] = model.attributes.map((attribute) => attribute.labels);
    const results = await model.predict(images.map(({ png }) => png));
    model.dispose();
    images.forEach(({ rgb }, i) => {
      const wanted = Array.from(gives(Float32Array.from(rgb, (value) => value / 127.5 - 1)));
      const result = results[i];
      if (result === undefined || result instanceof PipelineError) throw result ?? new Error('No result');
      const { kind } = result;
      if (kind?.labels) {
        const set = labels.filter((_, label) => (wanted[label] ?? 0) >= 0.5);
        expect(kind.labels.map(({ label }) => label).sort()).toEqual([...set].sort());
        for (const { label, confidence } of kind.labels)
          expect(confidence).toBeCloseTo(wanted[labels.indexOf(label)] ?? NaN, 4);
      } else {
        expect(kind?.label).toBe(labels[wanted.indexOf(Math.max(...wanted))]);
        expect(kind?.confidence).toBeCloseTo(Math.max(...wanted), 4);
      }
    });
  });
});

it('makes a failure of each image that the net gives no probabilities for', async () => {
  // The sum over a white image is too large a number, and infinity less infinity is none.
  const layers = [
    tf.layers.globalAveragePooling2d({ inputShape: [height, width, 3] }),
    tf.layers.dense({ name: 'kind', units: 3, activation: 'softmax' }),
  ];
  const net = tf.sequential({ layers });
  net.setWeights([tf.tensor2d([2e38, 0, 0, 2e38, 0, 0, 2e38, 0, 0], [3, 3]), tf.zeros([3])]);
  await writeModel(folder, await artifactsOf(net), cardOf({ name: 'uneasy' }));
  const model = await loadModel(folder, { processes: 0 });
  const flat = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const results = await model.predict([images[0]?.png ?? flat, flat, images[1]?.png ?? flat]);
  model.dispose();
  expect(results.map((result) => (result instanceof PipelineError ? result.code : result.kind?.label))).toEqual([
    expect.stringMatching(/first|second|third/),
    'model.notProbabilities',
    expect.stringMatching(/first|second|third/),
  ]);
  expect(results[1]).toMatchObject({ message: expect.stringMatching(/'uneasy' returns NaN for kind of this image/) });
});

describe('a card', () => {
  const refusal = async (card: object): Promise<unknown> => {
    await writeModel(folder, await artifactsOf(softmax3), card);
    return loadModel(folder, { processes: 0 }).catch((error: unknown) => error);
  };

  it.each([
    [{ ...cardOf(), activaton: 'softmax' }, /There is no 'activaton'\. Did you mean 'activation'\?/],
    [{ ...cardOf(), input: { ...cardOf().input, lyout: 'nchw' } }, /'lyout'\. Did you mean 'layout'\? → at input\./],
    [{ ...cardOf(), licence: 'MIT' }, /There is no 'licence'\. The names here are name, input, embedding/],
    [cardOf({ attributes: [{ name: 'kind', labels: ['one'] }] }), /list of two texts or more.*attributes\[0\]\.labels/],
    [cardOf({ attributes: [...cardOf().attributes, ...cardOf().attributes] }), /two attributes with the name 'kind'/],
  ])('%o is refused in one line', async (card, message) => {
    const line = expect.stringMatching(/^[^\n]+$/);
    expect(await refusal(card)).toMatchObject({ code: 'model.malformed', message: line });
    expect(await refusal(card)).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('an image of other proportions', () => {
  // Four columns of 2x4 pixels: red, green, blue, white.
  const columns = ['#ff0000', '#00ff00', '#0000ff', '#ffffff'];
  const wide = async () =>
    sharp({ create: { width: 8, height: 4, channels: 3, background: '#000' } })
      .composite(
        columns.map((background, i) => ({
          input: { create: { width: 2, height: 4, channels: 3 as const, background } },
          left: 2 * i,
          top: 0,
        })),
      )
      .png()
      .toBuffer();
  const square = { width: 4, height: 4, scale: 1, offset: 0, filter: 'nearest' as const };
  const rowsOf = (rgb: Uint8Array) =>
    Array.from({ length: 4 }, (_, y) =>
      Array.from({ length: 4 }, (_, x) =>
        Buffer.from(rgb.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)).toString('hex'),
      ),
    );
  const [red, green, blue, white] = ['ff0000', '00ff00', '0000ff', 'ffffff'];

  it('is stretched, cut or given a border, as the card says', async () => {
    const image = await wide();
    expect(rowsOf(await prepare(image, square))[0]).toEqual([red, green, blue, white]);
    expect(rowsOf(await prepare(image, { ...square, fit: 'crop' }))[3]).toEqual([green, green, blue, blue]);
    const grey = '787878';
    const padded = rowsOf(await prepare(image, { ...square, fit: 'pad', fill: 120 }));
    expect(padded).toEqual([Array(4).fill(grey), ...Array(2).fill([red, green, blue, white]), Array(4).fill(grey)]);
    expect(rowsOf(await prepare(image, { ...square, fit: 'pad' }))[0]).toEqual(Array(4).fill('000000'));
  });

  it('is scaled by the filter that the card names', async () => {
    const image = await wide();
    const narrow = { ...square, width: 2, height: 4 };
    const results = (['lanczos', 'nearest', 'bilinear', 'bicubic'] as const).map(async (filter) =>
      Buffer.from(await prepare(image, { ...narrow, filter })).toString('hex'),
    );
    expect(new Set(await Promise.all(results)).size).toBe(4);
    const flat = await sharp({ create: { width: 50, height: 30, channels: 3, background: '#123456' } })
      .jpeg({ quality: 100 })
      .toBuffer();
    for (const fit of ['stretch', 'crop', 'pad'] as const)
      for (const filter of ['lanczos', 'nearest', 'bilinear', 'bicubic'] as const) {
        const middle = (await prepare(flat, { ...square, fit, filter })).subarray((4 * 4 * 3) / 2, (4 * 4 * 3) / 2 + 3);
        [0x12, 0x34, 0x56].forEach((level, i) => expect(Math.abs((middle[i] ?? 0) - level)).toBeLessThan(3));
      }
  });
});
