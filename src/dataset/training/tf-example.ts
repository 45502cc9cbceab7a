import type { Bytes } from '../formats/index.js';

/** A feature: some texts or bytes, whole numbers, or numbers, which TensorFlow keeps to 24 bits. */
export type Feature =
  | { readonly bytes: readonly Bytes[] }
  | { readonly integers: readonly number[] }
  | { readonly numbers: readonly number[] };

/**
 * The bytes of a `tf.train.Example`, in Protocol Buffers' encoding.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto
 */
export function example(features: Iterable<readonly [name: string, feature: Feature]>): Uint8Array {
  const entries = [...features].map(([name, feature]) =>
    field(1, [field(1, [Buffer.from(name)]), field(2, [bytesOf(feature)])]),
  );
  return field(1, entries);
}

function bytesOf(feature: Feature): Uint8Array {
  if ('bytes' in feature) {
    const values = feature.bytes.map((some) => field(1, [typeof some === 'string' ? Buffer.from(some) : some]));
    return field(1, values);
  }
  if ('numbers' in feature) {
    const packed = Buffer.alloc(4 * feature.numbers.length);
    feature.numbers.forEach((value, i) => packed.writeFloatLE(value, 4 * i));
    return field(2, [field(1, [packed])]);
  }
  return field(3, [
    field(
      1,
      feature.integers.map((value) => varint(BigInt.asUintN(64, BigInt(value)))),
    ),
  ]);
}

/** A field of bytes: its number, its length, the bytes. */
function field(number: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of((number << 3) | 2), varint(BigInt(length)), ...parts]);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7n) {
    if (left < 0x80n) return Uint8Array.from([...bytes, Number(left)]);
    bytes.push(Number(left & 0x7fn) | 0x80);
  }
}
