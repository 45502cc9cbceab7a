// What every contender in Node measures of itself, and of the processes that it starts.
import { readdirSync, readFileSync } from 'node:fs';

/** The files and names that the bench gives to a contender. */
export const spec = JSON.parse(readFileSync(process.argv[3], 'utf8'));

/**
 * Runs the task that the command line names, and prints seconds, CPU seconds and peak memory. `tasks` prepare, then
 * give what is timed: it gives the number of items, or a list with what became of each, which the bench looks at.
 */
export async function measure(tasks) {
  const timed = await tasks[process.argv[2]]();
  const { repeat = 1 } = spec;
  // Where a proxy counts the requests, those of the preparation are left out.
  if (process.env.AWS_ENDPOINT_URL) await fetch(`${process.env.AWS_ENDPOINT_URL}/-/counts`);
  const before = cpuSeconds();
  const started = performance.now();
  let done;
  for (let i = 0; i < repeat; i++) done = await timed();
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuSeconds() - before;
  const found = Array.isArray(done) ? done : undefined;
  process.stdout.write(
    `${JSON.stringify({ items: repeat * (found?.length ?? done), found, seconds, cpuSeconds: cpu, peakMB: peakMegabytes() })}\n`,
    () => process.exit(),
  );
}

const fileOf = (pid, name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');

/** The processes that this one started, and theirs, as long as they run. */
const children = (pid) =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => fileOf(pid, `task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
    .flatMap((child) => [child, ...children(child)]);

/** Of all threads; the times of others are in hundredths of a second, behind a name that may have any characters. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  const ticks = children('self').map((pid) =>
    fileOf(pid, 'stat').split(') ').at(-1).split(' ').slice(11, 13).map(Number),
  );
  return (user + system) / 1e6 + ticks.flat().reduce((sum, one) => sum + one, 0) / 100;
}

/** Getrusage would give the peak of the process that started this one where that is higher. */
const peakMegabytes = () =>
  ['self', ...children('self')].reduce(
    (sum, pid) => sum + Number(/VmHWM:\s+(\d+)/.exec(fileOf(pid, 'status'))[1]) / 1024,
    0,
  );
