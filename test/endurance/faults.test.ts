import { expect, test, vi } from 'vitest';
import { clients, PipelineError } from '../../dist/index.js';
import { startEmulator } from '../../localstack/emulator.mjs';
import { faultyProxy } from '../faults.js';
import { difference, environment, firstSeed, holdings, minutes, stages, undisturbed } from './stages.js';
import { work, worker } from './work.mjs';

const rates = { error: 0.02, throttle: 0.02, reset: 0.02, slow: 0.02, cut: 0.02, unheard: 0.02, unprocessed: 0.3 };

test('whatever AWS answers to some of all calls, nothing is lost, doubled or unclear', {
  timeout: minutes * 60_000 + 240_000,
}, async () => {
  // Of each message that comes again.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const should = await undisturbed();
  const until = performance.now() + (minutes * 60_000) / 2;
  const table: Record<string, object> = {};
  const wrong: object[] = [];
  for (let seed = firstSeed; seed === firstSeed || performance.now() < until; seed++) {
    const emulator = await startEmulator({ port: 0 });
    const proxy = await faultyProxy(emulator.endpoint, { rates, seed, slow: 500 });
    const aws = clients({ env: environment(proxy.endpoint) });
    // A handler finds its server by the environment, as a function does.
    for (const [name, value] of Object.entries(environment(proxy.endpoint))) vi.stubEnv(name, value);
    const ends = new AbortController();
    let told = 0;
    const problems: string[] = [];
    const working = worker(aws, ends.signal);
    for (const stage of stages) {
      for (let attempt = 1; ; attempt++) {
        try {
          await work(aws, stage);
          break;
        } catch (error) {
          // What AWS does to a run may end it, in words; the same call then goes on from there.
          if (error instanceof PipelineError && error.code.startsWith('aws.') && attempt < 5) told++;
          else problems.push(`${stage}: ${error}`);
          if (attempt === 5 || problems.length > 0) break;
        }
      }
    }
    ends.abort();
    await working.catch((error: unknown) => problems.push(`worker: ${error}`));
    const { lost, doubled, unclear } = difference(should, await holdings(emulator.endpoint));
    const row = { ...proxy.counts(), calls: proxy.injected().calls, told };
    table[`seed ${seed}`] = {
      ...row,
      lost: lost.length,
      doubled: doubled.length,
      unclear: unclear.length + problems.length,
    };
    if (lost.length + doubled.length + unclear.length + problems.length > 0)
      wrong.push({ seed, lost, doubled, unclear, problems });
    vi.unstubAllEnvs();
    aws.close();
    await proxy.close();
    await emulator.close();
  }
  console.table(table);
  expect(wrong).toEqual([]);
});
