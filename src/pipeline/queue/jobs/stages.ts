import type { OnProgress } from '../../../work/index.js';
import type { Task } from '../tasks/index.js';
import type { JobProgress } from './job-progress.js';

/**
 * Reports a job's progress task after task, the next one when the one before has ended, as a direct run does. Its rates
 * are those of the work since the first report: what is done again after a redrive would else be spread over all the
 * time since the job was started. A job that has ended by then is reported with its whole time.
 */
export function stages(onProgress: OnProgress | undefined): (progress: JobProgress) => void {
  const ended = new Set<Task>();
  let first: JobProgress | undefined;
  return (progress) => {
    first ??= progress;
    const { state, tasks, seconds } = progress;
    const whole = first.state === 'completed';
    for (const { task, ...counts } of tasks) {
      if (ended.has(task)) continue;
      const end = state === 'completed' || counts.done >= counts.total;
      const before = whole ? 0 : (first.tasks.find((one) => one.task === task)?.done ?? 0);
      onProgress?.({
        stage: task,
        ...counts,
        before,
        unit: 'images',
        seconds: whole ? seconds : seconds - first.seconds,
        ended: end,
      });
      if (!end) break;
      ended.add(task);
    }
  };
}
