// The kit, as its users call it.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { augmentImage, clients, connect, folderSource, loadModel, openDataset, queries, randomCrop, resize, seedCatalogue, Catalogue } from 'ml-pipeline';
import { exportDataset } from '../../dist/dataset/index.js';
import { concurrently } from '../../dist/concurrently.js';
import { measure, spec } from './measure.mjs';

/** A folder with the stage's rows and images only: with the whole one the kit would go through tens of thousands of rows for a thousand. */
async function source() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const wanted = new Set(spec.ids.map(String));
  const [header, ...lines] = (await readFile(path.join(spec.dataset, 'styles.csv'), 'utf8')).split('\n');
  await writeFile(path.join(folder, 'styles.csv'), [header, ...lines.filter((line) => wanted.has(line.slice(0, line.indexOf(','))))].join('\n'));
  await mkdir(path.join(folder, 'images'));
  for (const id of spec.ids) await symlink(path.join(spec.images, `${id}.jpg`), path.join(folder, 'images', `${id}.jpg`));
  return folderSource(folder);
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
    const { catalogue } = await connect();
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
