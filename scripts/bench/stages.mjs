// What is measured: each stage with its contenders.

/** @import { checks } from './verify.mjs' */

/** @param {string} file @returns {(task: string) => Program} */
const node = (file) => (task) => ({ program: 'node', file, task });
/** @param {string} file @returns {(task: string) => Program} */
const python = (file) => (task) => ({ program: 'python', file, task });
const [kit, bound, peer, keras, whole] = [
  node('kit.mjs'),
  node('bound.mjs'),
  python('peers.py'),
  python('keras_peer.py'),
  python('whole.py'),
];

/** @typedef {{ program: 'node' | 'python', file: string, task: string }} Program */

/**
 * Who does what a stage measures; the first one of a stage is the kit, to which the others are compared.
 *
 * @typedef {object} Contender
 * @property {'kit' | 'original' | 'today' | 'bound'} role `original` is the way it was done before.
 * @property {string} name
 * @property {Program} run
 * @property {number} [most] Caps the items of one that would take too long; items a second stay comparable.
 * @property {number} [mostDelayed] The same where requests are delayed.
 * @property {false} [check] It does less by design.
 * @property {boolean} [once] It is long enough without repeating.
 * @property {boolean} [long] `--quick` leaves it out.
 */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} unit
 * @property {'seeded' | 'many' | 'shoes' | 'large' | 'all' | 'one'} items What it works on.
 * @property {'small' | 'large'} [size] Of the images.
 * @property {string} [folder] Of the bucket, that it reads; default `read`.
 * @property {boolean} [aws] It is run with delay as well.
 * @property {'table' | 'bucket' | 'folder'} [fresh] What each run finds empty.
 * @property {string} [removes] The prefix of what each run writes, which is removed after it.
 * @property {keyof typeof checks} [check] What is looked at afterwards.
 * @property {boolean} [repeated] A run does it several times, because once is too short to measure.
 * @property {boolean} [whole] A process is measured from its start to its end.
 * @property {number} [rounds] The most.
 * @property {boolean} [long] `--quick` leaves it out.
 * @property {Contender[]} contenders
 */

/** @type {Stage[]} */
export const stages = [
  {
    name: 'seed rows',
    unit: 'rows',
    aws: true,
    items: 'seeded',
    fresh: 'table',
    check: 'rows',
    contenders: [
      { role: 'kit', name: 'seedCatalogue, images already there', run: kit('seed') },
      {
        role: 'original',
        name: 'boto3 put_item, one by one',
        run: peer('rows_put_item'),
        most: 2000,
        mostDelayed: 300,
      },
      { role: 'today', name: 'boto3 batch_writer, 16 threads', run: peer('rows_batch_writer') },
      { role: 'bound', name: 'BatchWriteItem, prepared items', run: bound('rows') },
    ],
  },
  {
    name: 'seed images',
    unit: 'images',
    aws: true,
    items: 'seeded',
    fresh: 'bucket',
    check: 'images',
    contenders: [
      { role: 'kit', name: 'seedCatalogue, rows already there', run: kit('seed') },
      { role: 'original', name: 'aws s3 sync', run: peer('images_sync'), most: 600 },
      { role: 'today', name: 's5cmd cp', run: peer('images_s5cmd') },
      { role: 'today', name: 'boto3 put_object, 32 threads', run: peer('images_threads'), most: 2500 },
      { role: 'bound', name: 'PutObject from memory', run: bound('images') },
    ],
  },
  {
    name: 'query 1',
    unit: 'products',
    aws: true,
    items: 'shoes',
    check: 'ids',
    repeated: true,
    contenders: [
      { role: 'kit', name: 'catalogue.query', run: kit('query') },
      { role: 'original', name: 'boto3 scan with a filter', run: peer('query_scan'), once: true },
      { role: 'today', name: 'awswrangler read_items, by the index', run: peer('query_wrangler') },
      { role: 'bound', name: 'one Query by the best index', run: bound('query') },
    ],
  },
  {
    name: 'export',
    unit: 'images',
    aws: true,
    items: 'many',
    fresh: 'folder',
    check: 'exported',
    contenders: [
      { role: 'kit', name: 'exportDataset', run: kit('export') },
      { role: 'original', name: 'boto3 copy_object, one by one', run: peer('export_one_by_one'), mostDelayed: 200 },
      { role: 'today', name: 'boto3 copy_object, 32 threads', run: peer('export_threads') },
      { role: 'today', name: 's5cmd run', run: peer('export_s5cmd') },
      { role: 'bound', name: 'CopyObject, no metadata', run: bound('export') },
    ],
  },
  {
    name: 'read back',
    unit: 'images',
    aws: true,
    items: 'many',
    check: 'sizes',
    contenders: [
      { role: 'kit', name: 'openDataset, images', run: kit('readBack') },
      { role: 'original', name: 'boto3 get_object, one by one', run: peer('read_one_by_one'), mostDelayed: 200 },
      { role: 'today', name: 'boto3 get_object, 32 threads', run: peer('read_threads') },
      { role: 'bound', name: 'GetObject, no metadata', run: bound('readBack') },
    ],
  },
  augmentThroughS3('small'),
  augmentThroughS3('large'),
  {
    name: 'label through S3',
    unit: 'images',
    aws: true,
    items: 'many',
    removes: 'read/predictions/',
    check: 'labels',
    rounds: 3,
    contenders: [
      { role: 'kit', name: 'pipeline.infer on tfjs-node', run: kit('labelThroughS3') },
      { role: 'today', name: 'boto3, 32 threads, the same net in Keras', run: keras('infer_through_s3') },
    ],
  },
  write('webdataset', 'boto3, 32 threads, webdataset'),
  write('parquet', 'boto3, 32 threads, pyarrow'),
  {
    name: 'start: query 1',
    unit: 'process',
    aws: true,
    items: 'shoes',
    fresh: 'folder',
    check: 'exported',
    whole: true,
    contenders: [
      { role: 'kit', name: 'node scripts/query.mjs --query 1', run: whole('query_node') },
      { role: 'kit', name: 'npx zx scripts/query.mjs --query 1', run: whole('query_npx'), long: true },
      { role: 'original', name: 'boto3 scan, copies one by one', run: whole('query_original'), long: true },
      { role: 'today', name: 'boto3 query by the index, copies in 32 threads', run: whole('query_today') },
    ],
  },
  {
    name: 'start: import',
    unit: 'process',
    items: 'one',
    whole: true,
    contenders: [
      { role: 'kit', name: "import 'ml-pipeline', clients", run: whole('import_kit') },
      { role: 'original', name: 'import boto3, clients', run: whole('import_boto3') },
      { role: 'today', name: 'import awswrangler', run: whole('import_wrangler') },
      { role: 'bound', name: "import the SDK's three packages, clients", run: whole('import_sdk') },
    ],
  },
  augment('small'),
  augment('large'),
  infer('many'),
  infer('all'),
];

/** @param {'webdataset' | 'parquet'} format @param {string} today @returns {Stage} */
function write(format, today) {
  return {
    name: `write ${format}`,
    unit: 'images',
    aws: true,
    items: 'many',
    removes: 'written/',
    check: 'written',
    rounds: 3,
    contenders: [
      { role: 'kit', name: `dataset.write('${format}')`, run: kit(format) },
      { role: 'today', name: today, run: peer(`write_${format}`) },
    ],
  };
}

/** @param {'small' | 'large'} size @returns {Stage} */
function augmentThroughS3(size) {
  const folder = size === 'small' ? 'read' : 'photographs';
  return {
    name: `${size === 'small' ? 'augment' : 'photos'} through S3`,
    unit: 'images',
    aws: true,
    items: size === 'small' ? 'many' : 'large',
    size,
    folder,
    removes: `${folder}/augmented/`,
    check: 'augmented',
    rounds: 3,
    contenders: [
      { role: 'kit', name: 'pipeline.augment', run: kit('augmentThroughS3') },
      { role: 'today', name: 'boto3, PIL + albumentations, 32 threads', run: peer('augment_through_s3') },
    ],
  };
}

/** @param {'small' | 'large'} size @returns {Stage} */
function augment(size) {
  return {
    name: size === 'small' ? 'augment 60x80' : 'augment 1080x1440',
    unit: 'images',
    items: size === 'small' ? 'many' : 'large',
    size,
    check: 'bytes',
    contenders: [
      { role: 'kit', name: 'augmentImage', run: kit('augment') },
      { role: 'original', name: 'PIL + albumentations, one process', run: peer('augment_one_process') },
      { role: 'today', name: 'PIL + albumentations, two processes', run: peer('augment_two_processes') },
      { role: 'today', name: 'sharp: extract, resize', run: bound('sharp') },
      { role: 'bound', name: "the kit's codecs, decode and encode only", run: bound('augment'), check: false },
    ],
  };
}

/** @param {'many' | 'all'} items @returns {Stage} */
function infer(items) {
  /** @type {Contender[]} */
  const others =
    items === 'all'
      ? [{ role: 'kit', name: 'predictAll in one process', run: kit('here') }]
      : [
          { role: 'kit', name: 'predictAll on WebAssembly', run: kit('wasm') },
          { role: 'original', name: 'tfjs-node, two images at a time', run: kit('pairs'), most: 500 },
          { role: 'bound', name: 'tfjs-node, batches in memory', run: bound('tensorflow'), check: false },
        ];
  return {
    name: items === 'many' ? 'infer' : 'infer all',
    unit: 'images',
    items,
    check: 'labels',
    ...(items === 'all' && { long: true, rounds: 1 }),
    contenders: [
      { role: 'kit', name: 'predictAll on tfjs-node', run: kit('tensorflow') },
      { role: 'today', name: 'the same net in Keras, batches of 64', run: keras('infer') },
      ...others,
    ],
  };
}
