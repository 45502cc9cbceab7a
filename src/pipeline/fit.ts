import { drawTransforms } from '../augment/index.js';
import type { ProductId } from '../catalogue/index.js';
import { sizeOfImage } from '../image/index.js';
import { PipelineError, randomFrom } from '../work/index.js';
import type { Augmentation } from './queries.js';

/** A chain that does not fit the first image is tried on so many in all: images can have different sizes. */
export const tried = 5;

/** What decides the parameters that are drawn. */
type Drawn = Required<Pick<Augmentation, 'transforms' | 'seed' | 'variants'>>;

/**
 * Makes sure that a chain of transforms fits some images, by the first of them: a crop larger than all of them would
 * fail image by image.
 *
 * @param data Reads an image.
 * @throws PipelineError `augment.imageTooSmall` where it fits none of the first five.
 */
export async function checkFit<R extends { id: ProductId }>(
  rows: readonly R[],
  recipe: Drawn,
  data: (row: R) => Promise<Uint8Array>,
): Promise<void> {
  const misfits: { row: R; error: PipelineError }[] = [];
  for (const row of rows.slice(0, tried)) {
    const error = await misfit(row.id, recipe, () => data(row));
    if (!error) return;
    misfits.push({ row, error });
  }
  const [first] = misfits;
  if (!first) return;
  const others = misfits.length > 1 ? `, and so are ${misfits.length - 1} others that were tried` : '';
  throw new PipelineError(
    'augment.imageTooSmall',
    `These transforms do not fit: ${first.error.message} That is image ${first.row.id}${others}; nothing was ` +
      'augmented.',
    { value: first.error.value, cause: first.error },
  );
}

/** Why no variant of an image can be made; undefined where one can, or where something else is wrong with the image. */
async function misfit(
  id: ProductId,
  { transforms, seed, variants }: Drawn,
  data: () => Promise<Uint8Array>,
): Promise<PipelineError | undefined> {
  try {
    const size = await sizeOfImage(await data());
    for (let variant = 0; variant < variants; variant++) {
      try {
        drawTransforms(transforms, randomFrom(seed, id, variant), size);
        return undefined;
      } catch (error) {
        if (variant === variants - 1) throw error;
      }
    }
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'augment.imageTooSmall') return error;
  }
  return undefined;
}
