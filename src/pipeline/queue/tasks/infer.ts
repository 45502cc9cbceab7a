import { z } from 'zod';
import { messageOf } from '../../../work/index.js';
import { predictionsFolder, predictionsName } from '../../folders.js';
import type { TaskDefinition } from './task.js';

const step = z.object({
  task: z.literal('infer'),
  /** Without a source it is the one that ships with the kit. */
  model: z.object({ source: z.string().optional(), name: z.string(), fingerprint: z.string() }),
  /** Of the predictions; absent where they have none. */
  name: z
    .string()
    .superRefine((name, { addIssue }) => {
      try {
        predictionsFolder('', name);
      } catch (error) {
        addIssue(messageOf(error));
      }
    })
    .optional(),
});

/** What a model predicts for the exported images. */
export const infer: TaskDefinition<typeof step, 'inferred'> = {
  name: 'infer',
  made: 'inferred',
  step,
  async plan(aws, query, { model }) {
    if (!query.infer) return undefined;
    const name = predictionsName(query);
    const { modelReference } = await import('../../models.js');
    return { task: 'infer', model: await modelReference(aws, model), ...(name !== undefined && { name }) };
  },
  async run(aws, { step, folder, exported, noteBackend }, work) {
    const [{ inferPart, upFrom }, { warmModel }] = await Promise.all([
      import('../../infer.js'),
      import('../../models.js'),
    ]);
    const [model, originals] = await Promise.all([warmModel(aws, step.model), exported()]);
    await noteBackend(model.backend);
    return inferPart(aws, originals, model, new Map(), {
      ...work,
      up: upFrom(predictionsFolder(folder, step.name), folder),
    });
  },
  async direct(aws, exported, query, { model, ...options }) {
    if (!query.infer) return undefined;
    const name = predictionsName(query);
    const [{ inferDataset }, { withModel }] = await Promise.all([import('../../infer.js'), import('../../models.js')]);
    return withModel(model, options.signal, (used) => inferDataset(aws, exported, used, { ...options, name }));
  },
  items: (_, products) => products,
  folder: (exported, step) => predictionsFolder(exported, step?.name),
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
