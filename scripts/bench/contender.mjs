// One run of one contender, in a process of its own.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clients } from '../../dist/index.js';
import {
  concurrently,
  ensureBucket,
  ensureTable,
  fashion,
  imageName,
  list,
  messageOf,
  remove,
  shippedModel,
} from '../../dist/internal.js';
import { run } from './children.mjs';
import { awsEnvironment, itemsOf, putImages, putRows } from './prepare.mjs';
import { checks } from './verify.mjs';

/**
 * @import { Aws } from '../../dist/index.js'
 * @import { Spec } from './measure.mjs'
 * @import { Data } from './prepare.mjs'
 * @import { Contender, Stage } from './stages.mjs'
 * @import { Figures } from './summary.mjs'
 * @import { Found } from './verify.mjs'
 */

export const catalogue = { table: 'Catalogue', bucket: 'catalogue' };
const fresh = { table: 'Fresh', bucket: 'fresh' };

/**
 * @typedef {object} Setting
 * @property {Data} data
 * @property {string} mock
 * @property {string} endpoint
 * @property {string} bin The programs of the Python environment.
 * @property {string} out
 * @property {number} repeat
 * @property {AbortSignal} signal
 */

/**
 * Makes ready what the stage wants empty, runs the contender, looks at what it did, and returns what it measured, or
 * `error`. `mock` is the endpoint, `endpoint` the one that the contender talks to: the same, or the proxy before it.
 *
 * @param {Stage} stage
 * @param {Contender} contender
 * @param {Setting & { first: Found | undefined }} setting
 * @returns {Promise<(Figures & { found?: Found, error?: undefined }) | { error: string, found?: undefined }>}
 */
export async function runContender(stage, contender, { data, mock, endpoint, bin, out, repeat, first, signal }) {
  const ids = data.ids[stage.items].slice(0, contender.most);
  const names = stage.fresh === 'table' || stage.fresh === 'bucket' ? fresh : catalogue;
  const aws = clients({ env: awsEnvironment(mock, names) });
  const items = stage.items === 'one' ? [] : itemsOf(data, ids, aws.bucket);
  const times = stage.repeated && !contender.once ? repeat : 1;
  /** @type {Spec} */
  const spec = {
    ids,
    repeat: times,
    rows: path.join(out, 'rows.jsonl'),
    dataset: data.dataset,
    images: data.folders[stage.size ?? 'small'],
    model: shippedModel,
    folder: stage.fresh === 'folder' ? 'export' : (stage.folder ?? 'read'),
    node: process.execPath,
  };
  await writeFile(spec.rows, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  await writeFile(path.join(out, 'spec.json'), JSON.stringify(spec));
  try {
    if (names === fresh) {
      await ensureBucket(aws);
      await empty(aws, '');
      await ensureTable(aws, fashion, { recreate: true });
      if (contender.role === 'kit' && stage.fresh === 'table') await putImages(aws, data, ids, signal);
      if (contender.role === 'kit' && stage.fresh === 'bucket') await putRows(aws, items, signal);
    }
    if (stage.items !== 'one')
      await readThrough(
        ids.map((id) => path.join(spec.images, imageName(id))),
        signal,
      );
    const { program, file, task } = contender.run;
    const printed = await run(
      program === 'node' ? process.execPath : path.join(bin, 'python'),
      [path.join(import.meta.dirname, file), task, path.join(out, 'spec.json')],
      {
        env: { ...process.env, ...awsEnvironment(endpoint, names), PATH: `${bin}${path.delimiter}${process.env.PATH}` },
        signal,
      },
    );
    /** @type {Figures & { found?: Found }} */
    const { found, ...measured } = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
    if (measured.items !== times * ids.length)
      throw new Error(`${measured.items} items instead of ${times * ids.length}`);
    if (stage.check && contender.check !== false)
      await checks[stage.check]({
        ...data,
        aws,
        ids,
        items,
        folder: spec.folder,
        found: found ?? [],
        first,
        role: contender.role,
      });
    return { ...measured, found, ...(endpoint !== mock && { requests: await countedBy(endpoint) }) };
  } catch (error) {
    signal.throwIfAborted();
    return { error: messageOf(error) };
  } finally {
    if (stage.fresh === 'folder') await empty(aws, 'export/');
    if (stage.removes) await empty(aws, stage.removes);
    aws.close();
  }
}

/** What a proxy counted. @param {string} endpoint @returns {Promise<Record<string, number>>} */
const countedBy = async (endpoint) => JSON.parse(await (await fetch(`${endpoint}/-/counts`)).text());

/** @param {Aws} aws @param {string} prefix */
async function empty(aws, prefix) {
  const keys = [];
  for await (const { key } of list(aws, prefix)) keys.push(key);
  await remove(aws, keys);
}

/**
 * Brings files into the page cache, so that the contender does not wait for the disk.
 *
 * @param {readonly string[]} files
 * @param {AbortSignal} signal
 */
const readThrough = (files, signal) =>
  concurrently(files, async (file) => void (await readFile(file)), { concurrency: 16, signal });
