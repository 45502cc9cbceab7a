import { afterEach, describe, expect, test, vi } from 'vitest';
import { plan } from '../../src/catalogue/index.js';
import type { Row } from '../../src/dataset/row.js';
import { splitOf } from '../../src/dataset/split/index.js';
import { evaluateAttribute } from '../../src/model/evaluation.js';
import { inNotebook } from '../../src/views/kernel/kernel.js';
import { notebookProgress } from '../../src/views/kernel/progress.js';
import { type Pictures, pairs } from '../../src/views/panels/compare.js';
import { show } from '../../src/views/show.js';
import { type Progress, terminalProgress } from '../../src/work/progress.js';
import { picture, row } from './products.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('outside a notebook', () => {
  test('everything is shown as text', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    expect(inNotebook()).toBe(false);
    show.table([row(1)]);
    show.bar([row(1)], 'season');
    show.histogram([row(1)], 'year');
    show.scatter([row(1)], 'id', 'year', { colour: 'season' });
    show.heatmap([row(1)], 'season', 'gender');
    show.grid([picture(1)]);
    await show.grid([row(1)], { images: () => picture(1).data });
    await show.montage([picture(1)]);
    await show.compare(pictures([row(1), row(2)]), pictures([row(2, { variant: 0 })]), { limit: 2 });
    show.predictions([picture(1, { genderPredicted: 'Men' })]);
    const attribute = evaluateAttribute('season', ['Summer', 'Winter'], ['Summer'], Float32Array.of(0.1, 0.9));
    const evaluation = { attributes: [attribute], items: [row(1)] };
    const unread = vi.fn(() => Uint8Array.of());
    show.confusion(attribute);
    show.confusion(evaluation, 'season', { limit: 2 });
    show.reliability(evaluation, 'season');
    await show.confusions(evaluation, 'season', unread);
    await show.suspects(
      [
        {
          item: row(1),
          attribute: 'season',
          label: 'Summer',
          predicted: 'Winter',
          confidence: 0.9,
          given: 0.1,
          score: 0.9,
        },
      ],
      unread,
    );
    await show.similar(row(1), [{ item: row(2), similarity: 0.9 }], unread);
    await show.groups([{ items: [row(1), row(2)], lowest: 0.99, highest: 0.99 }], unread);
    await show.table([row(1)], { images: unread });
    show.plan(plan({ subCategory: 'Shoes' }));
    const some = (...rows: Row[]) => Object.assign([...rows], { rows });
    const split = splitOf(
      some(row(1, { split: 'train' }), row(2, { split: 'test' })),
      ['train', 'test'],
      () => some(row(1)),
      { small: [], moved: [] },
    );
    show.split(split);
    show.split(split, 'season');
    expect(unread, 'a terminal needs no image').not.toHaveBeenCalled();
    const texts = log.mock.calls.map(([text]) => String(text));
    expect(texts.map((text) => text.split('\n')[0]?.trim().split('  ')[0])).toEqual([
      'id',
      'season (1 row)',
      'year (1 row)',
      'year by id (1 row)',
      'gender by season (1 row)',
      '1 image',
      '1 image',
      '1 image, 136 x 154 pixels',
      '3 images',
      '1',
      'season: 0.0% of 1 image right',
      'season: 0.0% of 1 image right',
      'season: calibration error 90.0%',
      'Summer taken for Winter, 1 of 1',
      '1 label',
      'query',
      '2 images, similarity 0.9900',
      'id',
      'index bySubCategory (no statistics to estimate its cost: seed the catalogue to its end)',
      'Sides (2 rows)',
      '2 rows: train 1 (50.0%), test 1 (50.0%)',
      'season by side (2 rows)',
      '2 rows: train 1 (50.0%), test 1 (50.0%)',
    ]);
  });

  test('rows without images ask where those are', () => {
    expect(() => Reflect.apply(show.grid, show, [[row(1)]])).toThrow(/show\.grid\(rows, \{ images: dataset \}\)/);
  });

  test('a step leaves one line, at its end', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const report = show.progress();
    report(progress({ done: 0 }));
    report(progress({ done: 5, ended: true }));
    expect(write.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('5/9 images')]);
  });
});

describe("progress of one's own", () => {
  test('counts what is ticked, and what failed of it', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.useFakeTimers();
    const step = show.progress('fetch', { total: 684, unit: 'images' });
    vi.advanceTimersByTime(2000);
    step.tick(683);
    step.tick(1, 1);
    step.end();
    expect(write.mock.calls.map(([text]) => text)).toEqual([
      'fetch     ████████████████████  684/684 images  342/s  1 failed  in 2.0 s\n',
    ]);
  });

  test('goes with a loop over a list, whose length it knows, or over a stream', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const seen = [];
    for await (const item of show.progress([1, 2, 3], 'fetch')) seen.push(item);
    async function* stream() {
      yield* [4, 5];
    }
    for await (const item of show.progress(stream(), 'read', { unit: 'lines' })) seen.push(item);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(write, 'what takes no second leaves no line outside a terminal').not.toHaveBeenCalled();
  });

  test('ends with the loop, however that ends, at the items it was done with', async () => {
    vi.useFakeTimers();
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const loop = async (stopAt: number, stop: () => void) => {
      for await (const item of show.progress([1, 2, 3], 'fetch')) {
        vi.advanceTimersByTime(1000);
        if (item === stopAt) stop();
      }
    };
    await expect(
      loop(2, () => {
        throw new Error('enough');
      }),
    ).rejects.toThrow('enough');
    await loop(4, () => undefined);
    expect(write.mock.calls.map(([text]) => /(\d\/3).*(in .*)/.exec(String(text))?.slice(1).join(' '))).toEqual([
      '1/3 in 2.0 s',
      '3/3 in 3.0 s',
    ]);
  });

  test('is updated in place on a terminal, where a narrow one cuts the bar, not the figures', () => {
    const { isTTY, columns } = process.stderr;
    Object.assign(process.stderr, { isTTY: true });
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const report = terminalProgress();
    const [wide, half, none, less] = [80, 50, 39, 30].map((width) => {
      write.mockClear();
      Object.assign(process.stderr, { columns: width });
      report(progress({ done: 4 }));
      const [cleared, line] = write.mock.calls.map(([text]) => String(text));
      expect(cleared).toBe('\r\x1b[2K');
      expect(line?.length).toBeLessThan(width);
      return line ?? '';
    });
    const figures = wide?.replace(/^copy +[█░]{20} {2}/, '') ?? '';
    expect(figures).toMatch(/^4\/9 images .* left$/);
    expect(half).toMatch(/^copy +[█░]{1,19} {2}/);
    expect(half?.endsWith(figures)).toBe(true);
    expect(none).toBe(`copy      ${figures}`);
    expect(less).toBe(`copy      ${figures}`.slice(0, 29));
    Object.assign(process.stderr, { columns: undefined });
    report(progress({ ended: true }));
    expect(write.mock.lastCall?.[0]).toMatch(/^copy .*[█░]{20}.*\n$/);
    Object.assign(process.stderr, { isTTY, columns });
  });
});

test('an image is paired with all its variants, and with none where there are none', async () => {
  const augmented = pictures([row(2, { variant: 0 }), row(1, { variant: 0 }), row(2, { variant: 1 })]);
  const found = await pairs(pictures([row(1), row(2), row(3)]), augmented, { limit: 3 });
  expect(found.map(({ before, after }) => [before.row.id, after.map((variant) => variant.row.variant)])).toEqual([
    [1, [0]],
    [2, [0, 1]],
    [3, []],
  ]);
});

describe('progress in a notebook', () => {
  test('updates one output in place, five times a second at most, and keeps the last state', () => {
    vi.useFakeTimers();
    const cell = vi.fn();
    const report = notebookProgress(() => cell);
    for (let done = 0; done <= 9; done++) {
      report(progress({ done, ended: done === 9 }));
      vi.advanceTimersByTime(50);
    }
    expect(cell.mock.calls.map(([{ data }]) => /(\d+)\/9/.exec(data['text/plain'])?.[1])).toEqual(['0', '4', '8', '9']);
    expect(cell.mock.calls.map(([, update]) => update)).toEqual([false, true, true, true]);
    expect(new Set(cell.mock.calls.map(([{ transient }]) => transient.display_id)).size).toBe(1);
  });

  test('keeps a line for each step of a cell, and begins anew in the next cell', () => {
    const first = vi.fn();
    const second = vi.fn();
    let cell = first;
    const report = notebookProgress(() => cell);
    report(progress({ stage: 'copy', ended: true }));
    report(progress({ stage: 'augment', ended: true }));
    report(progress({ stage: 'copy', ended: true }));
    expect(first.mock.lastCall?.[0].data['text/plain'].match(/^\w+/gm)).toEqual(['copy', 'augment', 'copy']);
    cell = second;
    report(progress({ stage: 'infer' }));
    expect(second.mock.calls).toEqual([
      [expect.objectContaining({ data: { 'text/plain': expect.stringMatching(/^infer/) } }), false],
    ]);
  });
});

/** A data set that draws its first rows. */
function pictures(rows: Row[]): Pictures {
  const at = async (found: Row) => picture(found.id, found);
  return { rows, picture: at, sample: (n) => Promise.all(rows.slice(0, n).map(at)) };
}

function progress(more: Partial<Progress>): Progress {
  return { stage: 'copy', done: 9, total: 9, failed: 0, unit: 'images', seconds: 1, ended: false, ...more };
}
