import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { PipelineError } from '../errors.js';
import type { ModelFiles } from './files.js';
import type { Inference, Outputs } from './inference.js';

/** What a thread knows from its start. */
export interface ThreadData {
  files: ModelFiles;
  source: string;
}

/** A batch to run, see {@link Inference.run}; without images, only to open the net. */
export interface Task {
  images?: Float32Array | undefined;
  count: number;
}

/** What comes of it. */
export type Answer = { dimensions: number | undefined; outputs: Outputs | undefined; failure?: undefined } | { failure: { code: string; message: string; value: unknown } };

/** Compiled, where the tests run the sources too. */
const filename = fileURLToPath(new URL('./thread.js', import.meta.url.replace('/src/model/', '/dist/model/')));

/**
 * Builds a net on the wasm backend, which has one thread, in up to `most` threads of Node: one at once, others when batches wait. This
 * thread stays free meanwhile. A thread takes about 150 MB and ends when it has had nothing to do for a minute.
 *
 * @throws PipelineError as `openInference`.
 */
export async function openThreads(files: ModelFiles, source: string, most: number): Promise<Inference> {
  const workerData: ThreadData = { files, source };
  const pool = new Piscina<Task, Answer>({ filename, workerData, minThreads: 1, maxThreads: most, idleTimeout: 60_000 });
  const ask = async (task: Task) => {
    const answer = await pool.run(task);
    if (answer.failure === undefined) return answer;
    const { code, message, value } = answer.failure;
    throw new PipelineError(code, message, { value });
  };
  try {
    const { dimensions } = await ask({ count: 0 });
    return {
      steady: true,
      parallel: most,
      dimensions,
      run: async (images, count) => (await ask({ images, count })).outputs ?? { heads: [], embeddings: new Float32Array() },
      dispose: () => void pool.destroy(),
    };
  } catch (error) {
    await pool.destroy();
    throw error;
  }
}
