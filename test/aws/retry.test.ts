import { beforeEach, describe, expect, it, vi } from 'vitest';
import { retryUnprocessed } from '../../src/aws/retry.js';
import { PipelineError } from '../../src/work/index.js';

const { waits } = vi.hoisted(() => ({ waits: [] as number[] }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number, _value: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    signal?.throwIfAborted();
    waits.push(milliseconds);
  },
}));
beforeEach(() => {
  waits.length = 0;
});

describe('items that AWS leaves unprocessed', () => {
  it('are sent again, and those alone, until none is left', async () => {
    const sent: number[][] = [];
    await retryUnprocessed([1, 2, 3, 4, 5, 6, 7], async (items) => {
      sent.push([...items]);
      return items.filter((item) => item > sent.length * 3);
    });
    expect(sent).toEqual([[1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7], [7]]);
    expect(waits).toHaveLength(2);
  });

  it('wait longer each time, at random and never above 20 s, and end after five minutes with the remedy', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const never = retryUnprocessed(['a', 'b'], async (items) => items);
    await expect(never).rejects.toMatchObject({
      code: 'aws.throttled',
      message: expect.stringMatching(/2 items.*5 minutes.*later/),
      value: 2,
    });
    expect(waits.slice(0, 10)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000]);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(300_000);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThan(330_000);
    vi.restoreAllMocks();
  });

  it('go through at last where each attempt takes but one of them, after however many attempts', async () => {
    const many = Array.from({ length: 100 }, (_, i) => i);
    let attempts = 0;
    await retryUnprocessed(many, async (items) => items.slice(++attempts % 4 === 0 ? 1 : 0));
    expect(attempts).toBe(400);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20_000);
  });

  it('are all of a batch that AWS refuses for its rate, and no other refusal', async () => {
    const cause = Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });
    const refused = new PipelineError('aws.unavailable', 'It throttles.', { cause });
    const send = vi.fn(async (): Promise<number[]> => []).mockRejectedValueOnce(refused);
    await retryUnprocessed([1, 2], send);
    expect(send.mock.calls).toEqual([[[1, 2]], [[1, 2]]]);
    const other = new PipelineError('aws.unreachable', 'It is away.', { cause: new Error('ECONNREFUSED') });
    await expect(retryUnprocessed([1], () => Promise.reject(other))).rejects.toBe(other);
  });

  it('are not waited for once the signal aborts', async () => {
    const stop = new AbortController();
    const sending = retryUnprocessed(
      [1],
      async (items) => {
        stop.abort();
        return items;
      },
      stop.signal,
    );
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('are none where there is nothing to send', async () => {
    const send = vi.fn();
    await retryUnprocessed([], send);
    expect(send).not.toHaveBeenCalled();
  });
});
