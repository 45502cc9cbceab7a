import path from 'node:path';
import { z } from 'zod';

/** The relative path of a file beside model.json or below it; other paths are refused. */
export const fileBeside = z
  .string()
  .refine((name) => name.split('/').every((part) => part !== '' && part !== '..' && !part.includes('\\')), {
    error: ({ input }) => `'${String(input)}' is not the relative path of a file beside it`,
  })
  .transform((name) => path.posix.normalize(name));

const dtypes = ['float32', 'int32', 'bool', 'string', 'complex64'] as const;

const weight = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(dtypes, {
    error: ({ input }) => `TensorFlow.js has no weights of dtype '${String(input)}', only ${dtypes.join(', ')}`,
  }),
  quantization: z
    .object({ dtype: z.enum(['float16', 'uint8', 'uint16']), min: z.number().optional(), scale: z.number().optional() })
    .optional(),
});

const group = z.object({ paths: z.array(fileBeside).min(1), weights: z.array(weight) });
export type WeightsGroup = z.infer<typeof group>;

/**
 * `model.json` in either of TensorFlow.js's formats: the net, and which weights lie in which files.
 *
 * @see https://www.tensorflow.org/js/guide/save_load and https://github.com/tensorflow/tfjs/tree/master/tfjs-converter
 */
export const networkFile = z.object({
  /** Missing in files of old versions of the converter. */
  format: z.enum(['layers-model', 'graph-model']).optional(),
  modelTopology: z.looseObject({ node: z.array(z.looseObject({ name: z.string() })).optional() }),
  weightsManifest: z.array(group),
  /** The names of a graph's inputs and outputs; old converters write them into userDefinedMetadata. */
  signature: z.looseObject({}).optional(),
  userDefinedMetadata: z.looseObject({}).optional(),
  /** Fills the graph's lookup tables. */
  modelInitializer: z.looseObject({}).optional(),
  initializerSignature: z.looseObject({}).optional(),
});
export type NetworkFile = z.infer<typeof networkFile>;

/** Whether the net is a graph of operations, as the converter writes it; otherwise it consists of Keras layers. */
export const isGraph = ({ format, modelTopology }: NetworkFile): boolean =>
  format === undefined ? modelTopology.node !== undefined : format === 'graph-model';

const bytesPerValue = { float32: 4, int32: 4, bool: 1, complex64: 8, float16: 2, uint16: 2, uint8: 1 };

/**
 * How many bytes these weights take; undefined if there are texts among them, whose length is stored with
 * them.
 */
export function bytesOf(weights: WeightsGroup['weights']): number | undefined {
  let bytes = 0;
  for (const { shape, dtype, quantization } of weights) {
    const stored = quantization?.dtype ?? dtype;
    if (stored === 'string') return undefined;
    bytes += shape.reduce((product, size) => product * size, 1) * bytesPerValue[stored];
  }
  return bytes;
}
