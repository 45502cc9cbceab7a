import { describe, expect, it } from 'vitest';
import { assume, assumptions, estimate } from '../../src/pipeline/queue/scale.js';

const all = ['copy', 'augment', 'infer'] as const;

describe('the estimate of a job', () => {
  it('counts requests and their prices as by hand', () => {
    const a = assume({ latency: 20, copyCpu: 1, copyMemory: 1769, lambdaSecond: 1, lambdaRequests: 1e6, sqsRequests: 1e6, s3WriteRequests: 1e6, s3ReadRequests: 1e6, readUnits: 1e6, writeUnits: 1e6, queryUnits: 0.5 });
    const { messages, invocations, gigabyteSeconds, cost } = estimate(1000, ['copy'], a);
    expect({ messages, invocations }).toEqual({ messages: 10, invocations: 5 });
    // 5 waits and 2 rounds of copies at 20 ms, and 2 x 100 ms of processor: 0.34 s each.
    expect(gigabyteSeconds).toBeCloseTo((5 * 0.34 * 1769) / 1024, 6);
    expect(cost.lambda).toBeCloseTo(gigabyteSeconds + 5, 6);
    // One batch sent, 5 received, 5 deleted.
    expect(cost.sqs).toBeCloseTo(11, 6);
    // 1,000 copies and 10 results, each read once.
    expect(cost.s3).toBeCloseTo(1010 + 10, 6);
    // 1,000 products at half a unit, as the query finds them and as they are copied; 10 reads and 10 writes of the job.
    expect(cost.dynamodb).toBeCloseTo(500 + 500 + 10 + 10, 6);
    expect(cost.total).toBeCloseTo(cost.lambda + cost.sqs + cost.s3 + cost.dynamodb, 6);
  });

  it.each([1, 99, 1000, 123_456])('does all of %i images in every task', (images) => {
    const { messages, imagesPerSecond, seconds } = estimate(images, all, assume());
    expect(messages).toBe(3 * Math.ceil(images / 100));
    expect(imagesPerSecond * seconds).toBeCloseTo(images, 3);
  });

  it('is never slower with more invocations at a time, and never faster than a limit', () => {
    const times = [2, 5, 20, 100, 1000].map((maxConcurrency) => estimate(1_000_000, all, assume({ maxConcurrency })).seconds);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(times[0]).toBeGreaterThan(times[4] ?? Infinity);
    expect(estimate(1_000_000, ['copy'], assume()).seconds).toBeGreaterThanOrEqual(1_010_000 / 3500);
  });

  it('cuts what one invocation cannot write the metadata of into several jobs', () => {
    const { jobs, seconds } = estimate(10_000_000, ['copy'], assume({ copyMemory: 1769, completion: 10_000, timeout: 100, s3Writes: 1e9, maxConcurrency: 1000 }));
    expect(jobs).toBe(10);
    expect(seconds).toBeGreaterThan(100);
    expect(estimate(999_000, ['copy'], assume({ copyMemory: 1769, completion: 10_000, timeout: 100 })).jobs).toBe(1);
  });

  it.each([
    ["Lambda's ramp", { rampStart: 1, rampPerMinute: 1 }],
    ['the maximum concurrency of a function', { maxConcurrency: 2 }],
    ["the account's concurrency", { accountConcurrency: 3 }],
    ["S3's writes to a prefix (augment)", { variants: 10, s3Writes: 1000 }],
    ["S3's reads from a prefix (augment)", { s3Reads: 100 }],
    ["DynamoDB's writes to a job", { jobWrites: 3 }],
  ])('names what holds it back: %s', (name, changes) => {
    const { limit } = estimate(1_000_000, ['copy', 'augment'], assume(changes));
    expect(limit.name).toBe(name);
    expect(limit.share).toBeGreaterThan(0.5);
  });

  it('rests on assumptions that each have a unit and a source', () => {
    for (const { value, unit, source } of Object.values(assumptions)) expect([value > 0, unit.length > 0, source.length > 0]).toEqual([true, true, true]);
  });

  it.each([
    [{ latencies: 10 }, 'scale.unknown', "Did you mean 'latency'?"],
    [{ latency: 0 }, 'scale.notPositive', 'latency is 0'],
    [{ latency: Number.NaN }, 'scale.notPositive', 'latency is NaN'],
  ])('refuses %j', (changes, code, message) => {
    expect(() => assume(changes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
