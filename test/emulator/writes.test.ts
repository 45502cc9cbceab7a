import { expect, it } from 'vitest';
import { Writes } from '../../localstack/writes.mjs';

/** A database whose writes end when the test says so. */
function database() {
  const batches: { keys: string[]; end: (error?: Error) => void }[] = [];
  const writes = new Writes<string>(
    (operations) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(error) : resolve());
        batches.push({ keys: operations.map(({ type, key }) => `${type} ${key}`), end });
      }),
  );
  const said: string[] = [];
  const write = (key: string, value?: string) =>
    writes.write({
      key,
      value,
      done: () => said.push(`${key} is written`),
      undo: (error) => said.push(`${key} is undone: ${error instanceof Error ? error.message : ''}`),
    });
  return { batches, writes, write, said };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('what comes while others are written is written after them, together', async () => {
  const { batches, write, said } = database();
  write('a', '1');
  write('b');
  await turn();
  write('c', '2');
  write('a', '');
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([['put a', 'del b']]);
  batches[0]?.end();
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([
    ['put a', 'del b'],
    ['put c', 'put a'],
  ]);
  expect(said).toEqual(['a is written', 'b is written']);
});

it('an answer waits for its own writes, and not for those that come later', async () => {
  const { batches, writes, write } = database();
  let answered = false;
  write('a', '1');
  const settled = writes.settled().then(() => {
    answered = true;
  });
  await turn();
  write('b', '2');
  await turn();
  expect(answered).toBe(false);
  batches[0]?.end();
  await settled;
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([['put a'], ['put b']]);
});

it('where it fails, all that was not written is undone, the last first; then it goes on', async () => {
  const { batches, writes, write, said } = database();
  write('a', '1');
  const first = writes.settled();
  await turn();
  write('b', '2');
  const second = writes.settled();
  batches[0]?.end(new Error('the disk is full'));
  await expect(first).rejects.toThrow('the disk is full');
  await expect(second).rejects.toThrow('the disk is full');
  expect(said).toEqual(['b is undone: the disk is full', 'a is undone: the disk is full']);
  write('c', '3');
  const third = writes.settled();
  await turn();
  batches[1]?.end();
  await third;
  expect(batches.map(({ keys }) => keys)).toEqual([['put a'], ['put c']]);
  expect(said.at(-1)).toBe('c is written');
});
