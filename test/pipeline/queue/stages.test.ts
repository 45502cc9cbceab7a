import { expect, test } from 'vitest';
import type { JobProgress } from '../../../src/pipeline/queue/jobs/job-progress.js';
import { stages } from '../../../src/pipeline/queue/jobs/stages.js';
import { progressLine } from '../../../src/work/index.js';

/** What is printed of a job that is seen at these times, with so many of its 100 copies and augmented images done. */
function lines(...seen: [seconds: number, copied: number, augmented: number, state?: 'completed'][]): string[] {
  const printed: string[] = [];
  const report = stages((progress) => printed.push(progressLine(progress, 0)));
  for (const [seconds, copied, augmented, state = 'running'] of seen) {
    const tasks: JobProgress['tasks'] = [
      { task: 'copy', done: copied, failed: 0, total: 100 },
      { task: 'augment', done: augmented, failed: 0, total: 100 },
    ];
    report({ state, reason: undefined, tasks, waiting: undefined, unfinished: 0, seconds });
  }
  return printed;
}

test('a job that goes on after a redrive is reported with the rate of what is done since', () => {
  expect(lines([3600, 100, 60], [3604, 100, 80], [3608, 100, 100, 'completed'])).toEqual([
    'copy      100/100 images  in 0.0 s',
    'augment   60/100 images',
    'augment   80/100 images  5/s  4.0 s left',
    'augment   100/100 images  5/s  in 8.0 s',
  ]);
});

test('a new job is reported task after task, from its beginning', () => {
  expect(lines([0, 0, 0], [2, 40, 10], [4, 100, 50], [6, 100, 100, 'completed'])).toEqual([
    'copy      0/100 images',
    'copy      40/100 images  20/s  3.0 s left',
    'copy      100/100 images  25/s  in 4.0 s',
    'augment   50/100 images  13/s  4.0 s left',
    'augment   100/100 images  17/s  in 6.0 s',
  ]);
});

test('a job that has ended is reported with its whole time', () => {
  expect(lines([20, 100, 100, 'completed'])).toEqual([
    'copy      100/100 images  5/s  in 0:20',
    'augment   100/100 images  5/s  in 0:20',
  ]);
});
