// What every contender in Node measures of itself.
import { readFileSync } from 'node:fs';

/** The files and names that the bench gives to a contender. */
export const spec = JSON.parse(readFileSync(process.argv[3], 'utf8'));

/** Runs the task that the command line names, and prints seconds, CPU seconds and peak memory. `tasks` prepare, then give what is timed. */
export async function measure(tasks) {
  const timed = await tasks[process.argv[2]]();
  // Where a proxy counts the requests, those of the preparation are left out.
  if (process.env.AWS_ENDPOINT_URL) await fetch(`${process.env.AWS_ENDPOINT_URL}/-/counts`);
  const before = process.cpuUsage();
  const started = performance.now();
  const items = await timed();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ items, seconds, cpuSeconds: (user + system) / 1e6, peakMB: process.resourceUsage().maxRSS / 1024 }));
  process.exit();
}
