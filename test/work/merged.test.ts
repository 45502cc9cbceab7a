import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { merged } from '../../src/work/merged.js';

async function* failsAfter(value: string, ms: number): AsyncGenerator<string> {
  yield value;
  await sleep(ms);
  throw new Error(`${value} failed`);
}

it('a source that fails while the reader is busy rejects when the reader asks, never as unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const read: string[] = [];
  const reading = async () => {
    for await (const value of merged([failsAfter('a', 1)])) {
      read.push(value);
      await sleep(30);
    }
  };
  await expect(reading()).rejects.toThrow('a failed');
  process.off('unhandledRejection', note);
  expect({ read, unhandled }).toEqual({ read: ['a'], unhandled: [] });
});
