import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../localstack/emulator.mjs';
import { randomFrom, randomInteger } from '../../src/work/random.js';
import { type Faults, faultyProxy } from '../faults.js';
import { difference, environment, firstSeed, holdings, minutes, stages, undisturbed } from './stages.js';

/** About how many calls a stage makes, the worker of a job among them: it is killed after some of them. */
const calls = { seed: 140, export: 130, augment: 340, label: 240, job: 400 };

const running = new Set<ChildProcess>();

/** Starts a stage, or the worker, in a process of its own. */
function start(endpoint: string, ...what: string[]) {
  const child = spawn(process.execPath, ['test/endurance/work.mjs', ...what], {
    env: { PATH: process.env.PATH, ...environment(endpoint) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(([[status], error]) => {
    running.delete(child);
    return { status, error };
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}

/** Kills a process after so many calls; whether it still ran. */
async function killAfter(count: number, proxy: Faults, { kill, ended }: ReturnType<typeof start>): Promise<boolean> {
  const reached = proxy.after(count).then(() => true);
  const isKilled = await Promise.race([reached, ended.then(() => false)]);
  kill();
  await ended;
  return isKilled;
}

test('work that is killed at any moment and run again comes to the same end', {
  timeout: minutes * 60_000 + 240_000,
}, async () => {
  onTestFinished(() => running.forEach((child) => void child.kill('SIGKILL')));
  const should = await undisturbed();
  const until = performance.now() + (minutes * 60_000) / 2;
  const table: Record<string, object> = {};
  const wrong: object[] = [];
  for (let seed = firstSeed; seed === firstSeed || performance.now() < until; seed++) {
    const random = randomFrom(seed, 'kills');
    const emulator = await startEmulator({ port: 0 });
    const proxy = await faultyProxy(emulator.endpoint, { rates: {}, seed });
    const killed = { seed: 0, export: 0, augment: 0, label: 0, job: 0 };
    const problems: string[] = [];
    for (const stage of stages) {
      const starter = stage === 'job' ? start(proxy.endpoint, stage) : undefined;
      const victim = (...other: string[]) => start(proxy.endpoint, stage === 'job' ? 'worker' : stage, ...other);
      // Sometimes what is killed is other work, in the folder where then this one is done.
      for (const chance of [1, 0.3])
        if (random() < chance) {
          const other = stage !== 'seed' && stage !== 'job' && random() < 0.4 ? ['other'] : [];
          if (await killAfter(randomInteger(random, 1, calls[stage]), proxy, victim(...other))) killed[stage]++;
        }
      const last = victim();
      const { status, error } = await (starter ?? last).ended;
      if (starter) last.kill();
      await last.ended;
      if (status !== 0) problems.push(`${stage} ended with ${status}: ${error}`);
    }
    const { lost, doubled, unclear } = difference(should, await holdings(emulator.endpoint));
    table[`seed ${seed}`] = {
      ...killed,
      lost: lost.length,
      doubled: doubled.length,
      unclear: unclear.length + problems.length,
    };
    if (lost.length + doubled.length + unclear.length + problems.length > 0)
      wrong.push({ seed, lost, doubled, unclear, problems });
    await proxy.close();
    await emulator.close();
  }
  console.table(table);
  expect(wrong).toEqual([]);
});
