// What a thread of the pool in threads.ts runs.
import { workerData } from 'piscina';
import { PipelineError } from '../errors.js';
import { useBackend } from './backend.js';
import { openInference, type Inference } from './inference.js';
import type { Answer, Task, ThreadData } from './threads.js';

let inference: Promise<Inference> | undefined;

/** Opens the net with the first task, and runs it on the images of each that has some. */
export default async function answer({ images, count }: Task): Promise<Answer> {
  try {
    inference ??= open(workerData);
    const { dimensions, run } = await inference;
    return { dimensions, outputs: images && (await run(images, count)) };
  } catch (error) {
    // Thrown from here, an error would arrive without its code.
    if (error instanceof PipelineError) return { failure: { code: error.code, message: error.message, value: error.value } };
    throw error;
  }
}

const open = async ({ files, source }: ThreadData): Promise<Inference> => openInference(files, await useBackend('wasm'), source);
