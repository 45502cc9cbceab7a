import { describe, expect, it } from 'vitest';
import { Failures } from '../../src/catalogue/failures.js';
import { PipelineError } from '../../src/work/errors.js';
import { type Progress, progressLine, Tracker } from '../../src/work/progress.js';
import { randomFrom, randomInteger, shuffled } from '../../src/work/random.js';
import { nearest } from '../../src/work/suggest.js';

describe('random numbers', () => {
  it('are the same for the same keys, and others for others', () => {
    const numbers = (...keys: (string | number)[]) => Array.from({ length: 5 }, randomFrom(...keys));
    expect(numbers(1, 'a')).toEqual(numbers(1, 'a'));
    expect(numbers(1, 'a')).not.toEqual(numbers(2, 'a'));
    expect(numbers('1')).not.toEqual(numbers(1));
    expect(numbers('a', 'b')).not.toEqual(numbers('ab'));
  });

  it('are spread evenly from 0 to 1', () => {
    const random = randomFrom('spread');
    const bins = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const bin = Math.floor(random() * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // Chi-squared with 9 degrees of freedom: above 27.9 once in a thousand seeds.
    expect(bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  it('shuffle without losing any, and draw whole numbers from both ends', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const order = shuffled(items, randomFrom(3));
    expect(order).not.toEqual(items);
    expect([...order].sort((a, b) => a - b)).toEqual(items);
    const random = randomFrom(4);
    expect(new Set(Array.from({ length: 200 }, () => randomInteger(random, 2, 4)))).toEqual(new Set([2, 3, 4]));
  });
});

describe('progress', () => {
  it('is reported at the start and at the end, and seldom between', () => {
    const seen: Progress[] = [];
    const tracker = new Tracker('copy', 'images', 10_000, (progress) => seen.push(progress));
    for (let i = 0; i < 10_000; i++) tracker.tick(1, i % 1000 === 0 ? 1 : 0);
    tracker.end();
    expect(seen[0]).toMatchObject({ done: 0, ended: false });
    expect(seen.at(-1)).toMatchObject({ done: 10_000, failed: 10, ended: true });
    expect(seen.length).toBeLessThan(100);
  });

  it('reads as one line', () => {
    const line = progressLine({
      stage: 'copy',
      done: 1200,
      total: 2400,
      failed: 3,
      unit: 'images',
      seconds: 2,
      ended: false,
    });
    expect(line).toBe('copy      ██████████░░░░░░░░░░  1,200/2,400 images  600/s  3 failed  2.0 s left');
    expect(
      progressLine({ stage: 'copy', done: 0, total: 0, failed: 0, unit: 'images', seconds: 0, ended: true }),
    ).toContain('0/0 images');
    expect(
      progressLine({ stage: 'unzip', done: 5, total: undefined, failed: 0, unit: 'files', seconds: 100, ended: true }),
    ).toBe('unzip     5 files  0.1/s  in 1:40');
  });
});

describe('failures', () => {
  const bad = new PipelineError('image.unreadable', 'The image is empty.');

  it('are collected up to a tenth of the items', () => {
    const failures = new Failures(1000);
    for (let id = 100; id > 0; id--) failures.add(id, 'augment', bad);
    expect(failures.sorted[0]).toEqual({
      id: 1,
      stage: 'augment',
      code: 'image.unreadable',
      reason: 'The image is empty.',
    });
    expect(() => failures.add(101, 'augment', bad)).toThrowError(
      expect.objectContaining({
        code: 'run.tooManyFailures',
        message: expect.stringMatching(/101 of 1,000 items failed.*The image is empty/),
      }),
    );
  });

  it('of few items may be 10, but never all of them', () => {
    const failures = new Failures(20);
    for (let id = 1; id <= 10; id++) failures.add(id, 'copy', bad);
    expect(() => failures.add(11, 'copy', bad)).toThrow();
    expect(() => new Failures(1).add(1, 'copy', bad)).toThrowError(
      expect.objectContaining({ code: 'run.tooManyFailures' }),
    );
  });

  it('do not count what is wrong with everything, nor a stop', () => {
    const down = new PipelineError('aws.unreachable', 'Nothing answers.');
    expect(() => new Failures(1000).add(1, 'copy', down)).toThrow(down);
    const stop = new DOMException('stopped', 'AbortError');
    expect(() => new Failures(1000).add(1, 'copy', stop)).toThrow(stop);
  });
});

describe('a misspelt name', () => {
  it('finds the nearest known one, or none', () => {
    expect(nearest('gendre', ['gender', 'season', 'usage'])).toEqual(['gender']);
    expect(nearest('colour', ['gender', 'season', 'baseColour'])).toEqual(['baseColour']);
    expect(nearest('colour', ['gender', 'season', 'usage'])).toEqual([]);
  });
});
