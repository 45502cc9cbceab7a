import { z } from 'zod';
import { columnNames, imageKey, productsById, stemOf } from '../../../catalogue/index.js';
import { copyPart, exportLineage, filesOf } from '../../../dataset/index.js';
import { imageExtensions } from '../../../image/index.js';
import { PipelineError } from '../../../work/index.js';
import { existingEtags, fresh, isFresh } from './fresh.js';
import type { TaskDefinition } from './task.js';

const step = z.object({ task: z.literal('copy'), fresh });

/** The export: a chunk's images go to the folder of its job. */
export const copy: TaskDefinition<typeof step, 'exported'> = {
  name: 'copy',
  made: 'exported',
  step,
  plan: async (aws, { folder }) => ({ task: 'copy', fresh: await isFresh(aws, folder) }),
  async run(aws, { step, folder, ids, schema }, work) {
    const products = await productsById(aws, ids, schema, work.signal);
    const files = step.fresh ? [] : products.flatMap((product) => filesOf(aws, product));
    const existing = await existingEtags(aws, folder, files, work.signal);
    const found = new Set(products.map(({ id }) => id));
    for (const id of ids) {
      if (found.has(id)) continue;
      work.failures.add(
        id,
        'copy',
        new PipelineError('catalogue.gone', `The product ${id} is no longer in the catalogue.`, { value: id }),
      );
      work.tracker.tick(1, 1);
    }
    return copyPart(aws, folder, products, existing, work, { columns: schema && columnNames(schema) });
  },
  items: (_, products) => products,
  folder: (exported) => exported,
  files: (_, id) => [stemOf(imageKey(id))],
  lineage: (_, { name, where, table, access, schema }) =>
    exportLineage({ name, where, table, plan: access }, schema && columnNames(schema)),
  cost: {
    cpu: { value: 1.1, unit: 'ms an image and vCPU' },
    variants: false,
    from: 'catalogue',
    writes: true,
    concurrency: 1,
  },
  lambda: {
    description: 'Copies images of products to the folder of a job',
    memory: 'copyMemory',
    products: true,
    reads: ['images/*', '*/images/*'],
    lists: ['images/'],
    writes: imageExtensions.map((extension) => `*/images/*.${extension}`),
    bundle: [],
  },
};
