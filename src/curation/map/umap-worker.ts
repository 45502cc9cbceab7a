import { parentPort, workerData } from 'node:worker_threads';
import { type UmapInput, type UmapProgress, umap } from './umap.js';

// A thread that makes one map, so that the kernel stays free; `umap-thread.ts` starts it.
let saidAt = 0;
const points = umap(workerData as UmapInput, (progress: UmapProgress) => {
  if (progress.done < progress.total && performance.now() - saidAt < 100) return;
  saidAt = performance.now();
  parentPort?.postMessage({ progress });
});
parentPort?.postMessage({ points });
