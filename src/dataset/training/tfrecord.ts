import { type Column, valueIn } from './columns.js';
import type { TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { example, type Feature } from './tf-example.js';

/**
 * TensorFlow's records, an Example each: `image/encoded`, `image/format`, and a feature for each field that has a
 * value.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord
 */
export const tfrecord: TrainingFormat = {
  about: 'TFRecord shards for tf.data',
  shard: {
    extension: '.tfrecord',
    async open(columns) {
      const { crc32c } = await import('@aws-crypto/crc32c');
      return { add: (item, image) => record(example(featuresOf(item, columns, image)), crc32c), end: () => [] };
    },
  },
  reading: ({ shards, label, columns }) => {
    const type = columns.find(({ name }) => name === label)?.type === 'integer' ? 'int64' : 'string';
    const missing = type === 'int64' ? '0' : "''";
    return `\`\`\`python
import tensorflow as tf  # Keras

features = {'image/encoded': tf.io.FixedLenFeature([], tf.string)${
      label === undefined ? '' : `, ${JSON.stringify(label)}: tf.io.FixedLenFeature([], tf.${type}, ${missing})`
    }}
records = tf.data.TFRecordDataset(tf.io.gfile.glob(${JSON.stringify(shards)}))
images = records.map(lambda record: tf.io.parse_single_example(record, features))
\`\`\``;
  },
};

function* featuresOf(item: Item, columns: readonly Column[], image: Uint8Array): Generator<[string, Feature]> {
  yield ['image/encoded', { bytes: [image] }];
  yield ['image/format', { bytes: [item.extension.slice(1)] }];
  for (const column of columns) {
    const value = valueIn(column, item.row[column.name]);
    if (value !== null) yield [column.name, featureOf(column, value)];
  }
}

function featureOf({ type }: Column, value: unknown): Feature {
  const values = [value].flat();
  if (type === 'integer' || type === 'boolean') return { integers: values.map(Number) };
  if (type === 'number' || type === 'number[]') return { numbers: values.map(Number) };
  return { bytes: values.map(String) };
}

/** A record: its length and bytes, each followed by its checksum. */
function record(data: Uint8Array, crc32c: Crc): Uint8Array[] {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(masked(crc32c(head.subarray(0, 8))), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(masked(crc32c(data)));
  return [head, data, foot];
}

type Crc = (data: Uint8Array) => number;

/** A CRC-32C, turned and shifted so that it is no CRC of data which has CRCs in it. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
