import type { z } from 'zod';
import { augment } from './augment.js';
import { copy } from './copy.js';
import { infer } from './infer.js';
import type { TaskDefinition } from './task.js';

export { begun, isFresh } from './fresh.js';

// In the order in which a job does them: the export is the first, and the others work on it.
const list = { copy, augment, infer };

/** The name of a task. */
export type Task = keyof typeof list;

/** What the images of a task are called in a report. */
export type Made = (typeof list)[Task]['made'];

type StepSchema = (typeof list)[Task]['step'];

/** What is to be done with each chunk of a job, and how. */
export type Step = z.infer<StepSchema>;

/** What each task is. Their functions take the step that names them. */
export const definitions: Readonly<Record<Task, TaskDefinition<StepSchema, Made>>> = list;

/** The names of the tasks, in their order. */
export const tasks = Object.keys(list) as readonly Task[];

/** The schemas of the steps: each has its task's name as its `task`. */
export const stepSchemas: readonly [StepSchema, ...StepSchema[]] = [
  copy.step,
  ...tasks.slice(1).map((task) => list[task].step),
];

/** A value for each task, by what its images are called. */
export const byMade = <T>(value: (task: Task) => T): Record<Made, T> =>
  Object.fromEntries(tasks.map((task) => [list[task].made, value(task)])) as Record<Made, T>;
