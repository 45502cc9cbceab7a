#!/usr/bin/env zx
// Speed, measured against what people would use instead: see bench/stages.mjs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { ensureBucket, list, putBytes, remove } from '../dist/bucket.js';
import { fashion } from '../dist/catalogue/index.js';
import { ensureTable, toItem } from '../dist/catalogue/table.js';
import { chunks } from '../dist/chunks.js';
import { concurrently } from '../dist/concurrently.js';
import { Pipeline, clients, folderSource, queries, seedCatalogue } from '../dist/index.js';
import { shippedModel } from '../dist/model/files.js';
import { UsageError, cli } from './cli.mjs';
import { benchEnvironment } from './bench/environment.mjs';
import { report } from './bench/report.mjs';
import { stages } from './bench/stages.mjs';

const root = path.resolve(import.meta.dirname, '..');
const execute = promisify(execFile);
const catalogueNames = { ML_PIPELINE_TABLE: 'Catalogue', ML_PIPELINE_BUCKET: 'catalogue' };
const freshNames = { ML_PIPELINE_TABLE: 'Fresh', ML_PIPELINE_BUCKET: 'fresh' };
/** Images enlarged. */
const largest = 200;

await cli(
  {
    usage: 'npm run bench -- --dataset DIR [--quick] [--stage NAME …] [--out DIR]',
    about: 'Measures each stage of the kit beside what people would use instead, on the same emulator and the same images, and writes a table, a chart and the figures.',
    options: {
      dataset: { type: 'string', value: 'DIR', help: 'the data set: styles.csv and images/<id>.jpg' },
      quick: { type: 'boolean', help: 'fewer images, one round: under three minutes once its Python environment is there' },
      stage: { type: 'string', multiple: true, value: 'NAME', help: `only this one; can be given several times: ${stages.map(({ name }) => name).join(', ')}` },
      out: { type: 'string', value: 'DIR', default: 'out/bench', help: 'where the results go (default out/bench)' },
    },
  },
  async ({ values, signal }) => {
    if (values.dataset === undefined) throw new UsageError('--dataset DIR is missing: the folder with styles.csv and images/');
    const unknown = values.stage?.find((wanted) => !stages.some(({ name }) => name === wanted));
    if (unknown) throw new UsageError(`There is no stage '${unknown}'; there are ${stages.map(({ name }) => name).join(', ')}`);
    const chosen = stages.filter(({ name }) => !values.stage || values.stage.includes(name));
    const { rounds, all, infer } = values.quick ? { rounds: 1, all: 1000, infer: 1000 } : { rounds: 5, all: 4000, infer: 40_000 };
    const out = path.resolve(values.out);
    await mkdir(out, { recursive: true });
    const bin = await benchEnvironment(signal);
    const data = await prepare(path.resolve(values.dataset), out, { all, infer }, signal);
    const results = [];
    for (const delay of [0, 20]) {
      const server = await startServer(delay);
      try {
        if (chosen.some((stage) => stage.aws)) await fill(server, data, signal);
        for (const stage of chosen.filter((stage) => stage.aws || delay === 0)) {
          for (let round = 0; round < rounds; round++) {
            for (const contender of stage.contenders) {
              signal.throwIfAborted();
              const measured = await run(stage, contender, { data, server, out, bin, signal });
              console.error(`${stage.name}${delay ? `, ${delay} ms` : ''}: ${contender.name}: ${measured.error ?? `${Math.round(measured.items / measured.seconds)} ${stage.unit}/s`}`);
              results.push({ stage: stage.name, unit: stage.unit, delay: stage.aws ? delay : undefined, role: contender.role, contender: contender.name, round, ...measured });
            }
          }
        }
      } finally {
        server.close();
      }
    }
    const markdown = await report(results, { out, bin });
    console.log(markdown);
    console.log(`\nWritten to ${path.relative(root, out)}: results.md, results.json, chart.svg`);
  },
);

/** What the stages work on: ids, rows as items, images small and large. */
async function prepare(dataset, out, { all, infer }, signal) {
  const source = await folderSource(dataset);
  const products = [];
  for await (const product of source.products(signal)) products.push(product);
  const { where } = queries.maleShoesFrom2012;
  const shoes = products.filter(({ gender, subCategory, year }) => gender === where.gender && subCategory === where.subCategory && year > where.year.gt).map(({ id }) => id);
  const large = path.join(out, 'large');
  await mkdir(large, { recursive: true });
  await concurrently(shoes.slice(0, largest), async (id) => {
    const file = path.join(large, `${id}.jpg`);
    if (!existsSync(file)) await sharp(await source.image(id)).resize(1080, 1440, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(file);
  }, { concurrency: 4, signal });
  return {
    source,
    products: new Map(products.map((product) => [product.id, product])),
    ids: { seed: products.slice(0, all).map(({ id }) => id), shoes, large: shoes.slice(0, largest), infer: products.slice(0, infer).map(({ id }) => id) },
    folders: { dataset, small: path.join(dataset, 'images'), large },
  };
}

/** An emulator of its own, in a process of its own; with a delay, behind the proxy. */
async function startServer(delay) {
  const emulator = await startProcess([path.join(import.meta.dirname, 'bench/emulator.mjs')]);
  const proxy = delay === 0 ? undefined : await startProcess([path.join(import.meta.dirname, 'bench/delay.mjs'), emulator.says, String(delay)]);
  const endpoint = proxy?.says ?? emulator.says;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint, S3_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...catalogueNames,
  };
  return {
    env,
    direct: { ...env, AWS_ENDPOINT_URL: emulator.says },
    counts: async () => (proxy ? (await fetch(`${endpoint}/-/counts`)).json() : undefined),
    close: () => [emulator, proxy].forEach((server) => server?.process.kill()),
  };
}

async function startProcess(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { process: child, says: String(line).trim() };
}

/** The catalogue, and an export of query 1 to read back. */
async function fill({ direct }, data, signal) {
  const aws = clients({ env: direct });
  await seedCatalogue(aws, data.source, { signal });
  await new Pipeline(aws).run({ where: queries.maleShoesFrom2012.where, folder: 'read' }, { signal });
  aws.close();
}

/** One run of one contender, in a process of its own, with what it needs there and nothing else. */
async function run(stage, contender, { data, server, out, signal, bin }) {
  const { fresh } = stage;
  const ids = data.ids[stage.items].slice(0, contender.most);
  const names = fresh === 'table' || fresh === 'bucket' ? freshNames : catalogueNames;
  const aws = clients({ env: { ...server.direct, ...names } });
  const spec = path.join(out, 'spec.json');
  const rows = path.join(out, 'rows.jsonl');
  const items = ids.map((id) => toItem({ ...data.products.get(id), imagePath: `s3://${aws.bucket}/images/${id}.jpg` }));
  await writeFile(rows, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  await writeFile(spec, JSON.stringify({ ids, rows, dataset: data.folders.dataset, images: data.folders[stage.size ?? 'small'], model: shippedModel, folder: fresh === 'folder' ? 'export' : 'read' }));
  try {
    if (names === freshNames) {
      await ensureBucket(aws);
      await empty(aws, '');
      await ensureTable(aws, fashion, { recreate: true });
      if (contender.role === 'kit' && fresh === 'table') await concurrently(ids, async (id) => putBytes(aws, `images/${id}.jpg`, await data.source.image(id), { type: 'image/jpeg' }), { concurrency: 32, signal });
      if (contender.role === 'kit' && fresh === 'bucket') await concurrently(chunks(items, 25), (batch) => aws.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [aws.table]: batch.map((Item) => ({ PutRequest: { Item } })) } })), { concurrency: 12, signal });
    }
    const [program, file, task] = contender.run;
    const { stdout } = await execute(program === 'node' ? process.execPath : path.join(bin, 'python'), [path.join(import.meta.dirname, 'bench', file), task, spec], {
      env: { ...server.env, ...names, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
      maxBuffer: 1e8,
      signal,
    });
    const measured = JSON.parse(stdout.trim().split('\n').at(-1));
    if (measured.items !== ids.length) throw new Error(`${measured.items} items of ${ids.length}`);
    return { ...measured, requests: await server.counts() };
  } catch (error) {
    if (signal.aborted) throw error;
    return { error: String(error.stderr || error.message).trim().split('\n').at(-1) };
  } finally {
    if (fresh === 'folder') await empty(aws, 'export/');
    aws.close();
  }
}

async function empty(aws, prefix) {
  const keys = [];
  for await (const { key } of list(aws, prefix)) keys.push(key);
  await remove(aws, keys);
}
