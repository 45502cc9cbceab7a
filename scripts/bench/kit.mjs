// The kit, as its users call it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { augmentImage, clients, folderSource, loadModel, openDataset, queries, randomCrop, resize, seedCatalogue, Catalogue } from 'ml-pipeline';
import { exportDataset } from '../../dist/dataset/index.js';
import { concurrently } from '../../dist/concurrently.js';
import { measure, spec } from './measure.mjs';

/** The products of the stage, of the data set's folder. */
async function source() {
  const folder = await folderSource(spec.dataset);
  const wanted = new Set(spec.ids);
  return {
    ...folder,
    name: folder.name,
    image: (id) => folder.image(id),
    async *products(signal, onProblem) {
      for await (const product of folder.products(signal, onProblem)) if (wanted.has(product.id)) yield product;
    },
  };
}

const collected = async (products) => {
  const all = [];
  for await (const product of products) all.push(product);
  return all;
};

const files = () => Promise.all(spec.ids.map((id) => readFile(path.join(spec.images, `${id}.jpg`))));

async function seed() {
  const [aws, products] = [clients(), await source()];
  return async () => {
    const { rows, images } = await seedCatalogue(aws, products);
    return Math.max(rows.written, images.put);
  };
}

async function augment() {
  const images = await files();
  const chain = [randomCrop(50, 70), resize(256, 256)];
  return async () => (await concurrently([...images.entries()], ([id, image]) => augmentImage(image, chain, { seed: 7, id }), { concurrency: 16 })).length;
}

const infer = (backend, batchSize) => async () => {
  const model = await loadModel(undefined, { backend });
  await model.predict([await readFile(path.join(spec.images, `${spec.ids[0]}.jpg`))]);
  return async () => {
    let labelled = 0;
    for await (const { prediction } of model.predictAll(spec.ids, { data: (id) => readFile(path.join(spec.images, `${id}.jpg`)), batchSize })) if (prediction) labelled++;
    return labelled;
  };
};

await measure({
  seed,
  async query() {
    const catalogue = new Catalogue(clients());
    return async () => (await collected(catalogue.query(queries.maleShoesFrom2012.where))).length;
  },
  async export() {
    const aws = clients();
    const products = await collected(new Catalogue(aws).query(queries.maleShoesFrom2012.where));
    return async () => (await exportDataset(aws, spec.folder, products, { query: { where: queries.maleShoesFrom2012.where, table: aws.table, plan: '' } })).images.copied;
  },
  augment,
  tensorflow: infer('tensorflow'),
  wasm: infer('wasm'),
  pairs: infer('tensorflow', 2),
  async readBack() {
    const aws = clients();
    return async () => {
      let read = 0;
      for await (const { data } of (await openDataset(aws, spec.folder)).images({ prefetch: 64 })) if (data.length > 0) read++;
      return read;
    };
  },
});
