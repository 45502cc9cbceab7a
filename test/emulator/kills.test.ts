import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { randomFrom, randomInteger } from '../../src/work/random.js';
import { difference, environment, holdings } from '../endurance/stages.js';
import { faultyProxy } from '../faults.js';

/** How often each stage is killed; by hand, ML_PIPELINE_TEST_KILLS=20. */
const kills = Number(process.env.ML_PIPELINE_TEST_KILLS ?? 3);
const products = '300';

const stages = ['seed', 'export', 'job'] as const;
type Stage = (typeof stages)[number];
/** About how many calls a stage makes: it is killed after some of them. */
const calls: Record<Stage, number> = { seed: 320, export: 320, job: 800 };
/** What is killed, one after the other. */
const victims = ['emulator', 'client', 'both'] as const;

const running = new Set<ChildProcess>();

function started<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function kill(...children: ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    }),
  );
}

/** Starts an emulator with the state in a folder; resolves when it answers. */
async function startEmulator(port: string, folder: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const parameters = ['--port', port, '--state', folder];
  const child = started(fork('localstack/emulator.mjs', parameters, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The emulator ended.')));
  const said = new Promise<string>((resolve) => child.stdout?.once('data', (line) => resolve(String(line))));
  const [endpoint = ''] = /http:\S+:\d+/.exec(await Promise.race([said, ended])) ?? [];
  ended.catch(() => {});
  return { child, endpoint };
}

/** Starts a stage as a person does: a process of its own, and a worker where it is a job. */
function startStage(endpoint: string, stage: Stage) {
  const env = { PATH: process.env.PATH, ...environment(endpoint), ML_PIPELINE_TEST_PRODUCTS: products };
  const [client, ...workers] = [stage, ...(stage === 'job' ? ['worker'] : [])].map((what) =>
    started(spawn(process.execPath, ['test/endurance/work.mjs', what], { env, stdio: ['ignore', 'ignore', 'pipe'] })),
  );
  if (!client) throw new Error('no client');
  const ended = Promise.all([once(client, 'close'), text(client.stderr)]).then(([[status], error]) => ({
    status,
    error,
  }));
  return { ended, kill: () => kill(client, ...workers) };
}

/** Does a stage to its end, and says what went wrong. */
async function finish(endpoint: string, stage: Stage): Promise<string[]> {
  const { ended, kill } = startStage(endpoint, stage);
  const { status, error } = await ended;
  // What a job needs for itself is removed by the worker after it is complete, or when a message comes again.
  const ofJobs = async () => [...(await holdings(endpoint)).keys()].filter((key) => /^jobs\/\d/.test(key));
  if (stage === 'job' && status === 0) await expect.poll(ofJobs, { timeout: 90_000, interval: 500 }).toEqual([]);
  await kill();
  return status === 0 ? [] : [`${stage} ended with ${status}: ${error}`];
}

test('work whose emulator or client is killed at any moment, and that is run again, comes to the same end', {
  timeout: 300_000 + kills * 150_000,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kills-'));
  onTestFinished(async () => {
    await kill(...running);
    await rm(folder, { recursive: true, force: true });
  });
  const clean = await startEmulator('0', path.join(folder, 'clean'));
  for (const stage of stages) expect(await finish(clean.endpoint, stage)).toEqual([]);
  const should = await holdings(clean.endpoint);
  await kill(clean.child);

  const wrong: object[] = [];
  const counts = { emulator: 0, client: 0, both: 0, tooLate: 0 };
  for (let round = 0; round < kills; round++) {
    const random = randomFrom(round, 'kills');
    const victim = victims[round % victims.length] ?? 'both';
    const state = path.join(folder, String(round));
    let emulator = await startEmulator('0', state);
    const proxy = await faultyProxy(emulator.endpoint, { rates: {}, seed: round });
    const problems: string[] = [];
    for (const stage of stages) {
      const killed = startStage(proxy.endpoint, stage);
      const reached = proxy.after(randomInteger(random, 1, calls[stage])).then(() => true);
      const inTime = await Promise.race([reached, killed.ended.then(() => false)]);
      counts[inTime ? victim : 'tooLate']++;
      if (victim !== 'client') {
        await kill(emulator.child);
        emulator = await startEmulator(new URL(emulator.endpoint).port, state);
      }
      if (victim !== 'emulator') await killed.kill();
      await killed.ended;
      await killed.kill();
      problems.push(...(await finish(proxy.endpoint, stage)));
    }
    const { lost, doubled, unclear } = difference(should, await holdings(emulator.endpoint));
    if (lost.length + doubled.length + unclear.length + problems.length > 0)
      wrong.push({ round, victim, lost, doubled, unclear, problems });
    await proxy.close();
    await kill(emulator.child);
  }
  console.table({ kills: counts });
  expect(wrong).toEqual([]);
});
