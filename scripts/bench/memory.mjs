// How much memory the kit takes as the catalogue grows.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clients } from '../../dist/index.js';
import { ensureBucket } from '../../dist/internal.js';
import { run, startServer } from './children.mjs';
import { awsEnvironment } from './prepare.mjs';

/**
 * The peak memory of a task for a number of products.
 *
 * @typedef {object} Peak
 * @property {string} task
 * @property {string} name
 * @property {number} products
 * @property {number} seconds
 * @property {number} peakMB
 */

/**
 * `most` products where each takes a request, and more would take minutes to a quarter of an hour.
 *
 * @type {{ task: string, name: string, most?: number }[]}
 */
export const tasks = [
  { task: 'seed', name: 'seed: rows, a hundredth of the images' },
  { task: 'query', name: 'query: all products, one by one' },
  { task: 'job', name: "a job's metadata and manifest" },
  { task: 'export', name: 'a direct export', most: 100_000 },
];

/**
 * Peak memory of each task for each number of products, in a process of its own, against a catalogue that is made up.
 *
 * @param {readonly number[]} numbers
 * @param {{ out: string, signal: AbortSignal }} options
 */
export async function measureMemory(numbers, { out, signal }) {
  const spec = path.join(out, 'spec.json');
  /** @type {Peak[]} */
  const measured = [];
  for (const products of numbers) {
    for (const { task, name } of tasks.filter(({ most = Infinity }) => products <= most)) {
      const emulator = await startServer('emulator.mjs');
      const stub = await startServer('stub.mjs', emulator.endpoint, String(products));
      const env = awsEnvironment(stub.endpoint, { table: 'Catalogue', bucket: 'catalogue' });
      const aws = clients({ env });
      try {
        await ensureBucket(aws);
        await writeFile(spec, JSON.stringify({ products }));
        const printed = await run(process.execPath, [path.join(import.meta.dirname, 'large.mjs'), task, spec], {
          env: { ...process.env, ...env },
          signal,
        });
        const { items, seconds, peakMB } = JSON.parse(printed);
        if (items !== products) throw new Error(`${task}: ${items} of ${products} products`);
        measured.push({ task, name, products, seconds, peakMB });
        console.error(`memory: ${name}: ${products} products: ${Math.round(peakMB)} MB in ${seconds.toFixed(1)} s`);
      } finally {
        aws.close();
        stub.close();
        emulator.close();
      }
    }
  }
  return measured;
}
