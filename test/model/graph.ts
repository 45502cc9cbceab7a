import * as tf from '@tensorflow/tfjs';
import { height, numbers, width } from './nets.js';

type Node = { name: string; op: string; input?: string[]; attr?: object };
type Constant = { name: string; shape: number[]; dtype?: 'float32' | 'int32'; values: number[] | Float32Array };

const float = { T: { type: 'DT_FLOAT' } };
const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const shapeOf = (sizes: readonly number[]) => ({
  shape: { shape: { dim: sizes.map((size) => ({ size: `${size}` })) } },
});

const constants: Constant[] = [
  { name: 'kernel', shape: [3, 3, 3, 4], values: numbers(108, 3) },
  { name: 'bias', shape: [4], values: numbers(4, 4) },
  { name: 'axes', shape: [2], dtype: 'int32', values: [1, 2] },
  { name: 'dense', shape: [4, 3], values: numbers(12, 5) },
  { name: 'denseBias', shape: [3], values: numbers(3, 6) },
];
const rearrange: Constant = { name: 'perm', shape: [4], dtype: 'int32', values: [0, 2, 3, 1] };

/** What of the small graph is otherwise. */
export interface GraphOptions {
  /** Images in a batch; default any number. */
  batch?: number;
  layout?: 'nhwc' | 'nchw';
  dtype?: 'DT_FLOAT' | 'DT_INT32';
  /** The operation between features and logits. */
  multiply?: Node;
}

/**
 * A graph as the converter writes it: a convolution (`map`), its mean (`features`), a matrix product (`logits`) and
 * `probabilities`.
 */
export function graphNet({ batch = -1, layout = 'nhwc', dtype = 'DT_FLOAT', multiply }: GraphOptions = {}) {
  const nchw = layout === 'nchw';
  const used = nchw ? [...constants, rearrange] : constants;
  const nodes: Node[] = [
    {
      name: 'image',
      op: 'Placeholder',
      attr: { dtype: { type: dtype }, ...shapeOf(nchw ? [batch, 3, height, width] : [batch, height, width, 3]) },
    },
    ...used.map(({ name, shape, dtype: type = 'float32' }) => ({
      name,
      op: 'Const',
      attr: {
        dtype: { type: type === 'int32' ? 'DT_INT32' : 'DT_FLOAT' },
        value: {
          tensor: { dtype: type === 'int32' ? 'DT_INT32' : 'DT_FLOAT', tensorShape: shapeOf(shape).shape.shape },
        },
      },
    })),
    { name: 'floats', op: 'Cast', input: ['image'], attr: { SrcT: { type: dtype }, DstT: { type: 'DT_FLOAT' } } },
    nchw
      ? { name: 'rows', op: 'Transpose', input: ['floats', 'perm'], attr: float }
      : { name: 'rows', op: 'Identity', input: ['floats'], attr: float },
    {
      name: 'convolved',
      op: 'Conv2D',
      input: ['rows', 'kernel'],
      attr: {
        ...float,
        strides: { list: { i: ['1', '1', '1', '1'] } },
        dilations: { list: { i: ['1', '1', '1', '1'] } },
        padding: text('SAME'),
        data_format: text('NHWC'),
      },
    },
    { name: 'biased', op: 'BiasAdd', input: ['convolved', 'bias'], attr: { ...float, data_format: text('NHWC') } },
    { name: 'map', op: 'Relu', input: ['biased'], attr: float },
    { name: 'features', op: 'Mean', input: ['map', 'axes'], attr: { ...float, keep_dims: { b: false } } },
    multiply ?? {
      name: 'product',
      op: 'MatMul',
      input: ['features', 'dense'],
      attr: { ...float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: 'logits', op: 'BiasAdd', input: ['product', 'denseBias'], attr: float },
    { name: 'probabilities', op: 'Softmax', input: ['logits'], attr: float },
  ];
  const weights = used.map(({ name, shape, dtype: type = 'float32', values }) => ({
    name,
    shape,
    dtype: type,
    data: new Uint8Array((type === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  }));
  return {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 1, minConsumer: 1 } },
    signature: {
      inputs: { image: { name: 'image:0' } },
      outputs: { probabilities: { name: 'probabilities:0' }, logits: { name: 'logits:0' } },
    },
    weights,
  };
}

/**
 * What the small graph is to give, said in TensorFlow.js's own operations, for one image of normalised values in rows.
 */
export function expected(image: Float32Array): Record<'features' | 'logits' | 'probabilities', Float32Array> {
  const [kernel, bias, , dense, denseBias] = constants.map(({ shape, values, dtype }) =>
    tf.tensor(values, shape, dtype),
  );
  const batch = tf.tensor4d(image, [1, height, width, 3]);
  if (!kernel || !bias || !dense || !denseBias) throw new Error('The graph has five constants');
  const features = tf
    .conv2d(batch, kernel.as4D(3, 3, 3, 4), 1, 'same')
    .add(bias)
    .relu()
    .mean([1, 2]);
  const logits = features.matMul(dense).add(denseBias);
  const probabilities = tf.softmax(logits);
  return {
    logits: Float32Array.from(logits.dataSync()),
    features: Float32Array.from(features.dataSync()),
    probabilities: Float32Array.from(probabilities.dataSync()),
  };
}
