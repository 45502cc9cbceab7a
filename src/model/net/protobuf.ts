// TensorFlow's graphs as Protocol Buffers, made by the message classes inside tfjs-node.
import { createRequire } from 'node:module';
import type * as tf from '@tensorflow/tfjs';

/** TensorFlow's number for the type of a tensor's values. @throws Error for a type that no graph here has */
export function typeOf({ dtype }: tf.Tensor): number {
  const types: Partial<Record<tf.DataType, number>> = { float32: 1, int32: 3, bool: 10 };
  const type = types[dtype];
  if (type === undefined) throw new Error(`it has values of type ${dtype}`);
  return type;
}

export const shapeOf = (shape: readonly number[]): Message =>
  message('TensorShape', { dimList: shape.map((size) => message('TensorShape.Dim', { size })) });

export type Fields = Record<string, unknown>;

/** A message of Protocol Buffers. */
export interface Message {
  getAttrMap(): Map<string, Message>;
  serializeBinary(): Uint8Array;
}

let messages: object | undefined;

/** Makes a message of one of TensorFlow's types, with its fields and, for a node, its attributes. */
export function message(type: string, fields: Fields, attributes: Record<string, Fields> = {}): Message {
  // Loaded here, since tfjs-node may not be installed.
  messages ??= createRequire(import.meta.url)('@tensorflow/tfjs-node/dist/proto/api_pb.js') as object;
  const MessageType = type
    .split('.')
    .reduce<object>((within, name) => Reflect.get(within, name), messages) as new () => Message;
  const made = new MessageType();
  for (const [name, value] of Object.entries(fields))
    Reflect.get(made, `set${name.charAt(0).toUpperCase()}${name.slice(1)}`).call(made, value);
  for (const [name, value] of Object.entries(attributes)) made.getAttrMap().set(name, message('AttrValue', value));
  return made;
}
