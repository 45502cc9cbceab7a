import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';

/** What makes probabilities of a net's numbers: of labels of which one holds, or of each label by itself. */
export type Ending = 'softmax' | 'sigmoid';

const endings: Readonly<Record<string, Ending>> = {
  softmax: 'softmax',
  sigmoid: 'sigmoid',
  hardSigmoid: 'sigmoid',
  hard_sigmoid: 'sigmoid',
};

/** What an output of a net of layers ends with; undefined where it is something else. */
export function endingOfLayer(output: tf.SymbolicTensor): Ending | undefined {
  const { sourceLayer: layer, inputs, outputTensorIndex } = output;
  if (layer instanceof tf.LayersModel) {
    const inner = layer.outputs[outputTensorIndex ?? 0] ?? layer.outputs[0];
    return inner && endingOfLayer(inner);
  }
  const kind = layer.getClassName();
  if (kind === 'Softmax') return 'softmax';
  const { activation } = layer.getConfig();
  if (typeof activation === 'string' && activation !== 'linear') return endings[activation];
  const [input] = inputs;
  return /^(Activation|Reshape|Flatten|Permute|Dropout)$/.test(kind) && input ? endingOfLayer(input) : undefined;
}

const node = z.looseObject({
  name: z.string(),
  op: z.string().optional(),
  input: z.array(z.string()).optional(),
  attr: z
    .looseObject({
      fused_ops: z.looseObject({ list: z.looseObject({ s: z.array(z.string()).optional() }) }).optional(),
    })
    .optional(),
});

/** What an output of a graph ends with; undefined where it is something else. */
export function endingOfNode(nodes: readonly { name: string }[], output: string): Ending | undefined {
  const [name] = output.replace(/^\^/, '').split(':');
  const found = node.safeParse(nodes.find((candidate) => candidate.name === name)).data;
  if (found === undefined) return undefined;
  const fused = found.attr?.fused_ops?.list.s?.at(-1);
  const operation = (fused === undefined ? found.op : Buffer.from(fused, 'base64').toString()) ?? '';
  const [input] = found.input ?? [];
  return /^(Identity|Reshape|Squeeze|ExpandDims|Cast|StopGradient)$/.test(operation) && input !== undefined
    ? endingOfNode(nodes, input)
    : endings[operation.toLowerCase()];
}
