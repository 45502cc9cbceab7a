import { describe, expect, it } from 'vitest';
import { assume, assumptions } from '../../../src/pipeline/queue/assumptions.js';
import { estimate } from '../../../src/pipeline/queue/estimate.js';

const all = ['copy', 'augment', 'infer'] as const;

describe('the estimate of a job', () => {
  it('counts requests and their prices as by hand', () => {
    const a = assume({
      latency: 20,
      copyCpu: 1,
      copyMemory: 1769,
      lambdaSecond: 1,
      lambdaRequests: 1e6,
      sqsRequests: 1e6,
      s3WriteRequests: 1e6,
      s3ReadRequests: 1e6,
      readUnits: 1e6,
      writeUnits: 1e6,
      queryUnits: 0.5,
      completion: 10_000,
    });
    const { messages, invocations, gigabyteSeconds, requests, cost } = estimate(1000, ['copy'], a);
    expect({ messages, invocations }).toEqual({ messages: 10, invocations: 5 });
    // 5 waits and 2 rounds of copies at 20 ms, and 2 x 100 ms of processor: 0.34 s each; then 1,000 rows and a list of
    // the folder.
    expect(gigabyteSeconds).toBeCloseTo(((5 * 0.34 + 0.1 + 0.02) * 1769) / 1024, 6);
    expect(cost.lambda).toBeCloseTo(gigabyteSeconds + 5, 6);
    // One batch sent, 5 received, 5 deleted.
    expect(cost.sqs).toBeCloseTo(11, 6);
    // 1,000 copies, 10 results, a list; each result is read once.
    expect(cost.s3).toBeCloseTo(1011 + 10, 6);
    // 1,000 products at half a unit, as the query finds them and as they are copied; 10 reads and 10 writes of the job.
    expect(cost.dynamodb).toBeCloseTo(500 + 500 + 10 + 10, 6);
    expect(requests).toEqual({ s3Writes: 1011, s3Reads: 10, sqs: 11, readUnits: 1010, writeUnits: 10 });
    expect(cost.total).toBeCloseTo(cost.lambda + cost.sqs + cost.s3 + cost.dynamodb, 6);
  });

  it.each([1, 99, 1000, 123_456])('does all of %i images in every task', (images) => {
    const chunks = Math.ceil(images / 100);
    const { messages, done } = estimate(images, all, assume());
    expect(messages).toBe(3 * chunks);
    expect(done).toEqual([chunks, chunks, chunks]);
  });

  it.each([
    [1, 100],
    [10, 100],
    [11, 90],
    [300, 3],
    [1000, 1],
  ])(
    'with %i variants puts %i products into a message, so that it makes a thousand images at most',
    (variants, size) => {
      expect(estimate(900, ['copy', 'augment'], assume({ variants })).messages).toBe(2 * Math.ceil(900 / size));
      expect(estimate(900, ['copy', 'infer'], assume({ variants })).messages).toBe(2 * 9);
    },
  );

  it('takes the ramp second by second, as by hand', () => {
    // An invocation takes just less than a second for its 2 chunks: 1 invocation in the first second, 2 in the next, …,
    // 7: 56 chunks; the last 4 in the eighth.
    const a = assume({
      latency: 142,
      copyCpu: 0.001,
      rampStart: 1,
      rampPerMinute: 60,
      completion: 1e12,
      tableReads: 1e9,
    });
    expect(estimate(6000, ['copy'], { ...a, s3Writes: 1e9, s3Reads: 1e9 }).seconds).toBeCloseTo(
      8 + (6 * a.latency) / 1000,
      3,
    );
    expect(estimate(6000, ['copy'], a).rampSeconds).toBe(49);
  });

  it('is never slower with more invocations at a time, and never faster than a limit', () => {
    const times = [2, 5, 20, 100, 1000].map(
      (maxConcurrency) => estimate(1_000_000, all, assume({ maxConcurrency })).seconds,
    );
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(times[0]).toBeGreaterThan(times[4] ?? Infinity);
    expect(estimate(1_000_000, ['copy'], assume()).seconds).toBeGreaterThanOrEqual(1_010_000 / 3500);
    // Copies and augmented images go to one folder.
    expect(estimate(1_000_000, ['copy', 'augment'], assume()).seconds).toBeGreaterThanOrEqual(2_020_000 / 3500);
    // What is augmented and what is labelled comes from one folder.
    expect(
      estimate(
        1_000_000,
        all,
        assume({ s3Writes: 1e6, sourcePartitions: 10, maxConcurrency: 1000, completion: 1e9, latency: 1 }),
      ).seconds,
    ).toBeGreaterThanOrEqual(2_020_000 / 5500);
  });

  it('gives up where it would go on for ever', () => {
    expect(() => estimate(1_000_000, ['copy'], assume({ s3Writes: 1e-6 }))).toThrow(
      expect.objectContaining({ code: 'scale.tooLong' }),
    );
  });

  it('cuts what one invocation cannot write the metadata of into several jobs', () => {
    const { jobs, seconds } = estimate(
      10_000_000,
      ['copy'],
      assume({ copyMemory: 1769, completion: 10_000, latency: 1, timeout: 101, s3Writes: 1e9, maxConcurrency: 1000 }),
    );
    expect(jobs).toBe(10);
    expect(seconds).toBeGreaterThan(100);
    expect(
      estimate(999_000, ['copy'], assume({ copyMemory: 1769, completion: 10_000, latency: 1, timeout: 101 })).jobs,
    ).toBe(1);
  });

  it.each([
    ["Lambda's ramp", { rampStart: 1, rampPerMinute: 1 }],
    ['the maximum concurrency of a function', { maxConcurrency: 2 }],
    ["the account's concurrency", { accountConcurrency: 3 }],
    ['the pollers of a queue', { pollers: 2 }],
    ["S3's writes to a folder", { variants: 10, s3Writes: 1000 }],
    ["S3's reads from a folder", { s3Reads: 100, sourcePartitions: 10 }],
    ["S3's reads of the catalogue's images", { s3Reads: 100, s3Partitions: 10 }],
    ["DynamoDB's writes to a job", { jobWrites: 3 }],
    ["DynamoDB's writes to the table of jobs", { tableWrites: 3 }],
    ["DynamoDB's reads of products", { tableReads: 100 }],
    ['writing the metadata', { completion: 1000, timeout: 1e5 }],
  ])('names what holds it back: %s', (name, changes) => {
    const { limit } = estimate(1_000_000, ['copy', 'augment'], assume(changes));
    expect(limit.name).toBe(name);
    expect(limit.share).toBeGreaterThan(0.5);
  });

  it('rests on assumptions that each have a unit and a source', () => {
    for (const { value, unit, source } of Object.values(assumptions))
      expect([value > 0, unit.length > 0, source.length > 0]).toEqual([true, true, true]);
  });

  it.each([
    [{ latencies: 10 }, 'scale.unknown', "Did you mean 'latency'?"],
    [{ latency: 0 }, 'scale.notPositive', 'latency is 0'],
    [{ latency: Number.NaN }, 'scale.notPositive', 'latency is NaN'],
  ])('refuses %j', (changes, code, message) => {
    expect(() => assume(changes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
