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

it('no more sources than allowed are under way at a time, and each is read to its end', async () => {
  let running = 0;
  let most = 0;
  async function* counted(from: number): AsyncGenerator<number> {
    most = Math.max(most, ++running);
    for (let i = 0; i < 3; i++) {
      await sleep(1);
      yield from + i;
    }
    running--;
  }
  const read: number[] = [];
  for await (const value of merged(
    Array.from({ length: 20 }, (_, i) => counted(3 * i)),
    4,
  ))
    read.push(value);
  expect(most).toBe(4);
  expect(read.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
});
