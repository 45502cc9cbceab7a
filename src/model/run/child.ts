// The program of a child process, started by child-handle.ts.
import { messageOf, PipelineError } from '../../work/index.js';
import { useBackend } from './backend.js';
import type { Answer, Batch, ProcessNet, Question } from './child-handle.js';
import { type Inference, type Outputs, openInference } from './inference.js';

let inference: Promise<Inference> | undefined;

const open = async ({ files, backend, source }: ProcessNet): Promise<Inference> =>
  openInference(files, await useBackend(backend), source);

async function answer({ number, net, batch }: Question): Promise<Answer> {
  try {
    if (net) inference = open(net);
    const opened = await inference;
    const { dimensions, attributes = [] } = opened ?? {};
    return {
      number,
      facts: net && { dimensions, attributes },
      outputs: opened && batch && (await label(opened, batch)),
    };
  } catch (error) {
    const { code, value } = error instanceof PipelineError ? error : { code: 'model.cannotRun', value: undefined };
    return { number, failure: { code, message: messageOf(error), value } };
  }
}

/** Images arrive encoded, since they are smaller then, and are decoded here, in several processes at the same time. */
async function label({ prepare, run }: Inference, { images, size }: Batch): Promise<Outputs> {
  const unreadable = new Map<number, string>();
  const prepared = await Promise.all(
    images.map((bytes, i) => prepare(bytes).catch((error: unknown) => void unreadable.set(i, messageOf(error)))),
  );
  return {
    ...(await run(
      prepared.flatMap((image) => image ?? []),
      size,
    )),
    unreadable,
  };
}

process.on('message', async (question: Question) => {
  // A parent that has gone wants no answer: `disconnect` ends this process.
  process.send?.(await answer(question), undefined, undefined, () => {});
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches this process too, but the parent decides when it ends.
process.on('SIGINT', () => {});
