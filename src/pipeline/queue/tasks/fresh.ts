import { z } from 'zod';
import { type Aws, list, readEtags } from '../../../aws/index.js';

/**
 * In a step: that its folder had no image when the job began, so that the first handler of a message need not look for
 * earlier ones.
 */
export const fresh = z.boolean();

/** The step of a message that has been with a handler before, which may have left images. */
export const begun = <S extends object>(step: S): S => ('fresh' in step ? { ...step, fresh: false } : step);

/** Whether a folder has no image yet. */
export async function isFresh(aws: Aws, folder: string): Promise<boolean> {
  for await (const _ of list(aws, `${folder}/images/`)) return false;
  return true;
}

/** The ETags of those of some images that are in a folder, by their names below it. */
export async function existingEtags(
  aws: Aws,
  folder: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const etags = await readEtags(
    aws,
    files.map((file) => `${folder}/${file}`),
    signal,
  );
  return new Map([...etags].map(([key, etag]) => [key.slice(folder.length + 1), etag]));
}
