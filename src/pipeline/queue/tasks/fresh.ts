import { z } from 'zod';
import { type Aws, list } from '../../../aws/index.js';

/** In a step: that its folder had no image when the job began, so that handlers need not look for earlier ones. */
export const fresh = z.boolean();

/** Whether a folder has no image yet. */
export async function isFresh(aws: Aws, folder: string): Promise<boolean> {
  for await (const _ of list(aws, `${folder}/images/`)) return false;
  return true;
}
