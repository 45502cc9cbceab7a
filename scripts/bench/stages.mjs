// What is measured: each stage with its contenders. `most` caps the items of those that would take too long; items a second tell all the same.
const node = (file) => (task) => ['node', file, task];
const python = (file) => (task) => ['python', file, task];
const [kit, bound, peer, keras] = [node('kit.mjs'), node('bound.mjs'), python('peers.py'), python('keras_peer.py')];

/**
 * `fresh` names what each run gets empty; `aws` stages are run with delay as well. The first contender is
 * the kit, to which the others are compared; `role` is `original` (the way it was done before), `today`, or `bound`.
 */
export const stages = [
  {
    name: 'seed rows', unit: 'rows', aws: true, items: 'seed', fresh: 'table',
    contenders: [
      { role: 'kit', name: 'seedCatalogue, images already there', run: kit('seed') },
      { role: 'original', name: 'boto3 put_item, one by one', run: peer('rows_put_item'), most: 500 },
      { role: 'today', name: 'boto3 batch_writer, 32 threads', run: peer('rows_batch_writer') },
      { role: 'bound', name: 'BatchWriteItem, prepared items', run: bound('rows') },
    ],
  },
  {
    name: 'seed images', unit: 'images', aws: true, items: 'seed', fresh: 'bucket',
    contenders: [
      { role: 'kit', name: 'seedCatalogue, rows already there', run: kit('seed') },
      { role: 'original', name: 'aws s3 sync', run: peer('images_sync'), most: 1000 },
      { role: 'today', name: 's5cmd cp', run: peer('images_s5cmd') },
      { role: 'today', name: 'boto3 put_object, 32 threads', run: peer('images_threads') },
      { role: 'bound', name: 'PutObject from memory', run: bound('images') },
    ],
  },
  {
    name: 'query 1', unit: 'products', aws: true, items: 'shoes',
    contenders: [
      { role: 'kit', name: 'catalogue.query', run: kit('query') },
      { role: 'original', name: 'boto3 scan with a filter', run: peer('query_scan') },
      { role: 'today', name: 'awswrangler read_items, by the index', run: peer('query_wrangler') },
      { role: 'bound', name: 'one Query by the best index', run: bound('query') },
    ],
  },
  {
    name: 'export', unit: 'images', aws: true, items: 'shoes', fresh: 'folder',
    contenders: [
      { role: 'kit', name: 'exportDataset', run: kit('export') },
      { role: 'original', name: 'boto3 copy_object, one by one', run: peer('export_one_by_one'), most: 200 },
      { role: 'today', name: 'boto3 copy_object, 32 threads', run: peer('export_threads') },
      { role: 'today', name: 's5cmd run', run: peer('export_s5cmd') },
      { role: 'bound', name: 'CopyObject', run: bound('export') },
    ],
  },
  ...['small', 'large'].map((size) => ({
    name: size === 'small' ? 'augment 60x80' : 'augment 1080x1440', unit: 'images', items: size === 'small' ? 'shoes' : 'large', size,
    contenders: [
      { role: 'kit', name: 'augmentImage', run: kit('augment') },
      { role: 'original', name: 'PIL + albumentations, one process', run: peer('augment_one_process') },
      { role: 'today', name: 'PIL + albumentations, two processes', run: peer('augment_two_processes') },
      { role: 'bound', name: 'sharp, decode and encode only', run: bound('augment') },
    ],
  })),
  {
    name: 'infer', unit: 'images', items: 'infer',
    contenders: [
      { role: 'kit', name: 'predictAll on tfjs-node', run: kit('tensorflow') },
      { role: 'kit', name: 'predictAll on WebAssembly', run: kit('wasm') },
      { role: 'original', name: 'tfjs-node, two images at a time', run: kit('pairs'), most: 500 },
      { role: 'today', name: 'the same net in Keras, batches of 64', run: keras('infer') },
      { role: 'bound', name: 'tfjs-node, on a tensor in memory', run: bound('tensorflow') },
    ],
  },
  {
    name: 'read back', unit: 'images', aws: true, items: 'shoes',
    contenders: [
      { role: 'kit', name: 'openDataset, images', run: kit('readBack') },
      { role: 'original', name: 'boto3 get_object, one by one', run: peer('read_one_by_one'), most: 200 },
      { role: 'today', name: 'boto3 get_object, 32 threads', run: peer('read_threads') },
      { role: 'bound', name: 'GetObject', run: bound('readBack') },
    ],
  },
];
