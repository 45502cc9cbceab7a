// What every contender in Node measures of itself, and of the processes that it starts.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the bench passes to a contender: the ids of the products, files and names; to `large.mjs` only `products`.
 *
 * @typedef {object} Spec
 * @property {number[]} ids
 * @property {number} repeat How often the task is run.
 * @property {string} rows The file of the items, a line of JSON each.
 * @property {string} dataset
 * @property {string} images
 * @property {string} model
 * @property {string} folder Of the bucket, to export to or to read.
 * @property {string} node
 * @property {number} [products]
 */

/**
 * What became of each item, or how many there were.
 *
 * @typedef {number | readonly (string | number | undefined)[]} Done
 */

const [task = '', file = ''] = process.argv.slice(2);

/** @type {Spec} */
export const spec = JSON.parse(readFileSync(file, 'utf8'));

/**
 * Runs the task that the command line names, and prints seconds, CPU seconds and peak memory. Each task prepares, and
 * returns what is timed.
 *
 * @param {Record<string, () => Promise<() => Promise<Done>>>} tasks
 */
export async function measure(tasks) {
  const timed = await tasks[task]?.();
  if (!timed) throw new Error(`There is no task '${task}'`);
  const { repeat = 1 } = spec;
  // Where a proxy counts the requests, those of the preparation are left out.
  if (process.env.AWS_ENDPOINT_URL) await fetch(`${process.env.AWS_ENDPOINT_URL}/-/counts`);
  const before = cpuSeconds();
  const started = performance.now();
  /** @type {Done} */
  let done = 0;
  for (let i = 0; i < repeat; i++) done = await timed();
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuSeconds() - before;
  const [items, found] = typeof done === 'number' ? [done] : [done.length, done];
  const measured = { items: repeat * items, found, seconds, cpuSeconds: cpu, peakMB: peakMegabytes() };
  process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit());
}

/** @param {string} pid @param {string} name */
const fileOf = (pid, name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');

/** The processes that this one started, and theirs, as long as they run. @param {string} pid @returns {string[]} */
const children = (pid) =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => fileOf(pid, `task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
    .flatMap((child) => [child, ...children(child)]);

/**
 * CPU seconds of this process and its children. In /proc the children's are in hundredths of a second, behind a name
 * that may have any characters.
 */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  const ticks = children('self').map((pid) =>
    (fileOf(pid, 'stat').split(') ').at(-1) ?? '').split(' ').slice(11, 13).map(Number),
  );
  return (user + system) / 1e6 + ticks.flat().reduce((sum, one) => sum + one, 0) / 100;
}

/** Getrusage would return the peak of the process that started this one where that is higher. */
const peakMegabytes = () =>
  ['self', ...children('self')].reduce(
    (sum, pid) => sum + Number(/VmHWM:\s+(\d+)/.exec(fileOf(pid, 'status'))?.[1]) / 1024,
    0,
  );
