import { z } from 'zod';
import { predictionsFolder } from '../../folders.js';
import type { TaskDefinition } from './task.js';

const step = z.object({
  task: z.literal('infer'),
  /** Without a source it is the one that ships with the kit. */
  model: z.object({ source: z.string().optional(), name: z.string(), fingerprint: z.string() }),
});

/** What a model predicts for the exported images. */
export const infer: TaskDefinition<typeof step, 'inferred'> = {
  name: 'infer',
  made: 'inferred',
  step,
  async plan(aws, { infer }, { model }) {
    if (!infer) return undefined;
    const { modelReference } = await import('../../models.js');
    return { task: 'infer', model: await modelReference(aws, model) };
  },
  async run(aws, { step, exported, noteBackend }, work) {
    const [{ inferPart }, { warmModel }] = await Promise.all([import('../../infer.js'), import('../../models.js')]);
    const [model, originals] = await Promise.all([warmModel(aws, step.model), exported()]);
    await noteBackend(model.backend);
    return inferPart(aws, originals, model, new Map(), work);
  },
  async direct(aws, exported, { infer }, { model, ...options }) {
    if (!infer) return undefined;
    const [{ inferDataset }, { withModel }] = await Promise.all([import('../../infer.js'), import('../../models.js')]);
    return withModel(model, options.signal, (used) => inferDataset(aws, exported, used, options));
  },
  items: (_, products) => products,
  folder: (exported) => predictionsFolder(exported),
  files: () => [],
  lineage: ({ model: { name, fingerprint } }, { backends }, parent) => ({
    kind: 'predictions',
    parent,
    model: { name, fingerprint, backend: [...backends].sort().join(', ') },
  }),
  cost: {
    cpu: { value: 5.5, unit: 'ms an image and vCPU (wasm)' },
    variants: false,
    from: 'export',
    writes: false,
    concurrency: 1,
  },
  lambda: {
    description: "Predicts attributes of a job's images",
    memory: 'memory',
    reads: ['*/images/*', 'models/*'],
    writes: [],
    bundle: ['sharp', 'jpeg', 'wasm', 'weights'],
  },
};
