import { type Aws, remove } from '../aws/index.js';
import type { Confirm } from './confirm.js';
import { metadataFile } from './files.js';

/**
 * A function that takes a folder's metadata away, before the first image that it describes is overwritten: until the
 * data set is complete again, nobody reads it for whole. It does so once, however often it is called, and only where
 * the folder is still held: else the metadata may be another's by now.
 */
export function retraction(
  aws: Aws,
  folder: string,
  { confirm, signal }: { confirm?: Confirm | undefined; signal?: AbortSignal | undefined },
): () => Promise<void> {
  const retract = async () => {
    await confirm?.(0);
    await remove(aws, [`${folder}/${metadataFile.file}`], signal);
  };
  let done: Promise<void> | undefined;
  return () => (done ??= retract());
}
