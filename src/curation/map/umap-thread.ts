import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../package-root.js';
import { messageOf, PipelineError, type StepOptions, Tracker } from '../../work/index.js';
import type { UmapInput, UmapProgress } from './umap.js';

/** What the thread says: how far it is, and in the end the map. */
type Message = { progress: UmapProgress; points?: undefined } | { points: Float32Array; progress?: undefined };

/** The program of the thread: the built one, also when this module runs from its source, as in the tests. */
const filename = fileURLToPath(new URL('dist/curation/map/umap-worker.js', packageRoot));

/** umap-js takes 2.5 GB for 40,000 images, more than a thread may have on a small machine by itself. */
const maxOldGenerationSizeMb = 6000;

const units = { neighbours: 'images', arrange: 'rounds' } as const;

/**
 * Runs `umap` in a thread of its own. An interrupt ends the thread at once.
 *
 * @throws The reason of `signal` where it aborts; PipelineError `curation.mapFailed`.
 */
export async function umapInThread(input: UmapInput, { signal, onProgress }: StepOptions): Promise<Float32Array> {
  signal?.throwIfAborted();
  const worker = new Worker(filename, { workerData: input, resourceLimits: { maxOldGenerationSizeMb } });
  let running: { stage: string; tracker: Tracker } | undefined;
  const trackerOf = ({ stage, total }: UmapProgress): Tracker => {
    if (running?.stage === stage) return running.tracker;
    running?.tracker.end();
    running = { stage, tracker: new Tracker(stage, units[stage], total, onProgress) };
    return running.tracker;
  };
  const settled = new AbortController();
  try {
    return await new Promise<Float32Array>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      once(worker, 'exit').then(([code]) => reject(new Error(`exit code ${code}`)), reject);
      worker.on('message', ({ progress, points }: Message) => {
        if (points) {
          resolve(points);
          return;
        }
        const tracker = trackerOf(progress);
        tracker.tick(progress.done - tracker.done);
      });
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const message =
      `The thread that arranges the map ended: ${messageOf(cause)}. ` +
      'Draw fewer images (n), or leave out the method.';
    throw new PipelineError('curation.mapFailed', message, { value: input.points.length / input.dimensions, cause });
  } finally {
    running?.tracker.end();
    settled.abort();
    await worker.terminate();
  }
}
