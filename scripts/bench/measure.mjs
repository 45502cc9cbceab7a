// What every contender in Node measures of itself.
import { readFileSync } from 'node:fs';

/** The files and names that the bench gives to a contender. */
export const spec = JSON.parse(readFileSync(process.argv[3], 'utf8'));

/**
 * Runs the task that the command line names, and prints seconds, CPU seconds (of all threads) and peak memory. `tasks` prepare, then
 * give what is timed: it gives the number of items, or a list with what became of each, which the bench looks at.
 */
export async function measure(tasks) {
  const timed = await tasks[process.argv[2]]();
  const { repeat = 1 } = spec;
  // Where a proxy counts the requests, those of the preparation are left out.
  if (process.env.AWS_ENDPOINT_URL) await fetch(`${process.env.AWS_ENDPOINT_URL}/-/counts`);
  const before = process.cpuUsage();
  const started = performance.now();
  let done;
  for (let i = 0; i < repeat; i++) done = await timed();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const found = Array.isArray(done) ? done : undefined;
  process.stdout.write(`${JSON.stringify({ items: repeat * (found?.length ?? done), found, seconds, cpuSeconds: (user + system) / 1e6, peakMB: peakMegabytes() })}\n`, () => process.exit());
}

/** On Linux, getrusage would give the peak of the process that started this one where that is higher. */
function peakMegabytes() {
  const [, high] = (process.platform === 'linux' && /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))) || [];
  return Number(high ?? process.resourceUsage().maxRSS) / 1024;
}
