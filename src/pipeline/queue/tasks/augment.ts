import { augmentPart, checkRecipe } from '../../augment.js';
import { augmentedFolder } from '../../folders.js';
import { queueHandler } from '../handle.js';
import { getPart } from '../jobs/results.js';

/** The Lambda function of the augment queue: variants of a chunk's exported images, as the message's recipe says. */
export const handler = queueHandler(
  'augment',
  async (aws, { message: { job, folder, chunk }, step: { fresh, recipe } }, work) => {
    const originals = await getPart(aws, job, 'copy', chunk, work.signal);
    return augmentPart(aws, augmentedFolder(folder), originals, checkRecipe(recipe), { has: () => !fresh }, work);
  },
);
