// The kit, as its users call it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  augmentImage,
  Catalogue,
  clients,
  connect,
  folderSource,
  loadModel,
  openDataset,
  Pipeline,
  queries,
  randomCrop,
  resize,
  seedCatalogue,
} from 'ml-pipeline';
import { concurrently, exportDataset, imageName } from '../../dist/internal.js';
import { measure, spec } from './measure.mjs';

const chain = [randomCrop(50, 70), resize(256, 256)];

const files = () => Promise.all(spec.ids.map((id) => readFile(path.join(spec.images, imageName(id)))));

async function seed() {
  const [aws, products] = [clients(), await folderSource(spec.dataset, { followLinks: true })];
  return async () => {
    const { rows, images } = await seedCatalogue(aws, products);
    return Math.max(rows.written, images.put);
  };
}

async function augment() {
  const images = await files();
  return async () =>
    (
      await concurrently([...images.entries()], ([id, image]) => augmentImage(image, chain, { seed: 7, id }), {
        concurrency: 16,
      })
    ).map(({ data }) => data.length);
}

/**
 * @param {'tensorflow' | 'wasm'} backend
 * @param {{ batchSize?: number, processes?: number }} [options]
 */
const infer =
  (backend, { batchSize, processes } = {}) =>
  async () => {
    const [model, products] = [
      await loadModel(undefined, { backend, processes }),
      await folderSource(path.dirname(spec.images), { followLinks: true }),
    ];
    /** @param {readonly number[]} ids */
    const label = async (ids) => {
      /** @type {(string | undefined)[]} */
      const labels = [];
      for await (const { prediction } of model.predictAll(ids, { data: products.image, batchSize }))
        labels.push(prediction?.gender?.label);
      return labels;
    };
    // As for Keras, the first batch is not timed: there, too, TensorFlow makes its graph of it.
    await label(spec.ids.slice(0, 64));
    return () => label(spec.ids);
  };

/** @param {'webdataset' | 'parquet'} format */
const write = (format) => async () => {
  const aws = clients();
  const dataset = await openDataset(aws, spec.folder);
  return async () => {
    await dataset.write(format, `s3://${aws.bucket}/written`);
    return dataset.rows.length;
  };
};

await measure({
  seed,
  async query() {
    const { catalogue } = await connect();
    return async () => (await catalogue.query(queries.maleShoesFrom2012.where).toArray()).map(({ id }) => id);
  },
  async export() {
    const aws = clients();
    const products = await new Catalogue(aws).query({ id: { in: spec.ids } }).toArray();
    return async () =>
      (
        await exportDataset(aws, spec.folder, products, {
          query: { where: queries.maleShoesFrom2012.where, table: aws.table, plan: '' },
        })
      ).images.copied;
  },
  augment,
  async augmentThroughS3() {
    const aws = clients();
    const dataset = await openDataset(aws, spec.folder);
    return async () => (await new Pipeline(aws).augment(dataset, chain, { seed: 7 })).rows.length;
  },
  async labelThroughS3() {
    const [aws, model] = [clients(), await loadModel(undefined, { backend: 'tensorflow' })];
    const dataset = await openDataset(aws, spec.folder);
    for await (const _ of model.predictAll(dataset.rows.slice(0, 64), { data: (row) => dataset.image(row) }));
    return async () => {
      const { rows } = await new Pipeline(aws).infer(dataset, model);
      const labels = new Map(rows.map(({ id, genderPredicted }) => [id, String(genderPredicted)]));
      return spec.ids.map((id) => labels.get(id));
    };
  },
  webdataset: write('webdataset'),
  parquet: write('parquet'),
  tensorflow: infer('tensorflow'),
  wasm: infer('wasm'),
  here: infer('tensorflow', { processes: 0 }),
  pairs: infer('tensorflow', { batchSize: 2 }),
  async readBack() {
    const aws = clients();
    return async () => {
      const sizes = [];
      for await (const { data } of (await openDataset(aws, spec.folder)).images({ prefetch: 64 }))
        sizes.push(data.length);
      return sizes;
    };
  },
});
