import { z } from 'zod';

/*
 * The versions of Keras write nets of layers in different forms; TensorFlow.js builds them from the form of Keras 2.
 */

/** The names of a net's layers, without the nets among them. */
type LayerNames = ReadonlySet<string>;

/**
 * The topology of a net of layers in the form of Keras 2, whichever version wrote it. What Keras 3 writes otherwise:
 * the shape of an input, dtypes as policies, which layer reads which, and the slope of a leaky ReLU.
 */
export function topologyOfKeras2(topology: unknown): { topology: unknown; layers: LayerNames } {
  const layers = new Set<string>();
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, visit(field)]));
    if (policy.safeParse(fields.dtype).success) fields.dtype = dtypeOf(policy.parse(fields.dtype).config.name);
    if (fields.batch_shape !== undefined && fields.batch_input_shape === undefined) {
      fields.batch_input_shape = fields.batch_shape;
      delete fields.batch_shape;
    }
    if (Array.isArray(fields.inbound_nodes)) fields.inbound_nodes = fields.inbound_nodes.map(inboundNode);
    for (const ends of ['input_layers', 'output_layers'])
      if (endpoint.safeParse(fields[ends]).success) fields[ends] = [fields[ends]];
    const { class_name: kind, config } = layer.safeParse(fields).data ?? {};
    if (config?.name !== undefined && config.layers === undefined) layers.add(config.name);
    if (kind === 'LeakyReLU' && config && config.alpha === undefined) config.alpha = config.negative_slope;
    return config ? { ...fields, config } : fields;
  };
  return { topology: visit(topology), layers };
}

const layer = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({ name: z.string().optional(), layers: z.unknown().optional() }),
});
const policy = z.looseObject({ class_name: z.string(), config: z.looseObject({ name: z.string() }) });
const endpoint = z.tuple([z.string(), z.number(), z.number()]);
const call = z.looseObject({ args: z.array(z.unknown()) });
const tensor = z.looseObject({ class_name: z.literal('__keras_tensor__'), config: z.looseObject({}) });
const history = z.looseObject({ keras_history: endpoint });

/** A policy of mixed precision keeps its weights as float32. */
const dtypeOf = (policy: string): string => (policy.startsWith('mixed_') ? 'float32' : policy);

/** A call of a layer: Keras 2 lists the layers whose outputs it reads, Keras 3 its arguments. */
function inboundNode(node: unknown): unknown {
  const { data } = call.safeParse(node);
  if (data === undefined) return node;
  const tensors = (value: unknown): unknown[] => {
    if (Array.isArray(value)) return value.flatMap(tensors);
    const found = tensor.safeParse(value).data;
    return found ? [[...history.parse(found.config).keras_history, {}]] : [];
  };
  return tensors(data.args);
}

/**
 * The name that TensorFlow.js gives a weight, `layer/weight`: Keras 3 writes the nets that the layer is part of before
 * it. Undefined for what is no weight of a net that predicts: the state of random numbers, and how many images a
 * normalisation has seen.
 */
export function weightName(name: string, layers: LayerNames): string | undefined {
  const parts = name.split('/');
  if (/^(seed_generator|seed_generator_state|count)$/.test(parts.at(-1)?.replace(/_\d+$/, '') ?? '')) return undefined;
  // A layer's own name may have slashes.
  for (let from = 0; from < parts.length - 1; from++)
    for (let to = parts.length - 1; to > from; to--)
      if (layers.has(parts.slice(from, to).join('/'))) return parts.slice(from).join('/');
  return name;
}
