import { z } from 'zod';
import { imageKey, productsById, variantKeys } from '../../../catalogue/index.js';
import { imageOfProduct } from '../../../dataset/index.js';
import { encodings, imageFormats } from '../../../image/index.js';
import { augmentedFolder } from '../../folders.js';
import { existingEtags, fresh, isFresh } from './fresh.js';
import type { TaskDefinition } from './task.js';

const step = z.object({
  task: z.literal('augment'),
  fresh,
  recipe: z.object({
    transforms: z.array(z.looseObject({ name: z.string() })).min(1),
    seed: z.int(),
    variants: z.int().min(1).max(1000),
    quality: z.int(),
    format: z.enum(encodings).optional(),
  }),
});

/** The files of the variants of an image. */
const variantsOf = (file: string, { variants, format = 'jpeg' }: z.infer<typeof step>['recipe']): string[] =>
  variantKeys(file, variants, imageFormats[format].extension);

/** Variants of the exported images, as the query's transforms make them. */
export const augment: TaskDefinition<typeof step, 'augmented'> = {
  name: 'augment',
  made: 'augmented',
  step,
  async plan(aws, { folder, augment }) {
    if (!augment) return undefined;
    const { checkRecipe } = await import('../../augment.js');
    const { transforms, ...recipe } = checkRecipe(augment);
    return {
      task: 'augment',
      fresh: await isFresh(aws, augmentedFolder(folder)),
      recipe: { transforms: [...transforms], ...recipe },
    };
  },
  async check(aws, { step, ids, schema }, signal) {
    const [{ checkRecipe }, { checkFit, tried }] = await Promise.all([
      import('../../augment.js'),
      import('../../fit.js'),
    ]);
    const first = await productsById(aws, ids.slice(0, tried), schema, signal);
    await checkFit(first, checkRecipe(step.recipe), (product) => imageOfProduct(aws, product, signal));
  },
  async run(aws, { step, folder: parent, exported }, work) {
    const [originals, { augmentPart, checkRecipe }] = await Promise.all([exported(), import('../../augment.js')]);
    const folder = augmentedFolder(parent);
    const recipe = checkRecipe(step.recipe);
    const files = originals.images.flatMap(({ file }) => variantsOf(file, recipe));
    const existing = step.fresh ? new Set<string>() : await existingEtags(aws, folder, files, work.signal);
    return augmentPart(aws, folder, originals, recipe, existing, work);
  },
  async direct(aws, exported, { augment }, options) {
    if (!augment) return undefined;
    const { augmentDataset } = await import('../../augment.js');
    return augmentDataset(aws, exported, augment, options);
  },
  items: ({ recipe }, products) => products * recipe.variants,
  folder: augmentedFolder,
  files: ({ recipe }, id) => variantsOf(imageKey(id), recipe),
  lineage: ({ recipe }, _, parent) => ({ kind: 'augmented', parent, augmentation: recipe }),
  cost: {
    cpu: { value: 5, unit: 'ms an image and vCPU' },
    variants: true,
    from: 'export',
    writes: true,
    // An image is augmented between two requests.
    concurrency: 0.5,
  },
  lambda: {
    description: 'Makes augmented images of those of a job',
    memory: 'memory',
    reads: ['*/images/*'],
    writes: encodings.map((name) => `*/augmented/images/*.${imageFormats[name].extension}`),
    bundle: ['sharp', 'jpeg'],
  },
};
