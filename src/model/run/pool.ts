import { availableParallelism } from 'node:os';
import { NetProcess, type ProcessNet } from './child-handle.js';
import type { Inference } from './inference.js';

/**
 * Opens a net in up to `most` processes, which share the cores: one process at once, further ones when batches wait.
 * This process stays free meanwhile. A process with nothing to do for a minute ends, unless it is the last one.
 *
 * @throws PipelineError those of `openInference`; `model.processEnded` if a process ends by itself.
 */
export async function openProcesses(net: ProcessNet, most: number): Promise<Inference> {
  const processes = new Set<NetProcess>();
  const cores = Math.max(1, Math.floor(availableParallelism() / most));
  const start = async () => {
    const process = new NetProcess(net.source, cores, {
      end: () => processes.delete(process),
      rest: () => processes.size > 1 && process.end(),
    });
    processes.add(process);
    return { process, facts: await process.open(net) };
  };
  const { facts } = await start();
  return {
    // One more, which waits in the process that runs it next.
    parallel: most + 1,
    ...facts,
    prepare: async (bytes) => bytes,
    async run(images, size) {
      const [idlest = (await start()).process] = [...processes]
        .filter(({ isOpen }) => isOpen)
        .sort((a, b) => a.asked - b.asked);
      // If another process cannot start, those that run go on without it.
      if (idlest.asked > 0 && processes.size < most) start().catch(() => undefined);
      return idlest.run({ images, size });
    },
    dispose: () => processes.forEach((process) => process.end()),
  };
}
