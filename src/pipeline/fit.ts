import { drawTransforms } from '../augment/index.js';
import type { Dataset, Row } from '../dataset/index.js';
import { sizeOfImage } from '../image/index.js';
import { PipelineError, randomFrom } from '../work/index.js';
import type { Augmentation } from './queries.js';

/** A chain that does not fit the first image is tried on so many in all: images can have different sizes. */
const tried = 5;

/**
 * Makes sure that a chain of transforms fits the images of a data set, by the first of them: a crop larger than all of
 * them would fail image by image.
 *
 * @throws PipelineError `augment.imageTooSmall` where it fits none of the first five.
 */
export async function checkFit(dataset: Dataset, recipe: Required<Augmentation>, signal?: AbortSignal): Promise<void> {
  const misfits: { row: Row; error: PipelineError }[] = [];
  for (const row of dataset.rows.slice(0, tried)) {
    const error = await misfit(dataset, row, recipe, signal);
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
  dataset: Dataset,
  row: Row,
  { transforms, seed, variants }: Required<Augmentation>,
  signal: AbortSignal | undefined,
): Promise<PipelineError | undefined> {
  try {
    const size = await sizeOfImage(await dataset.image(row, signal));
    for (let variant = 0; variant < variants; variant++) {
      try {
        drawTransforms(transforms, randomFrom(seed, row.id, variant), size);
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
