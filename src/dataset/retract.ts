import { type Aws, remove } from '../aws/index.js';
import { metadataFile } from './files.js';

/**
 * A function that takes a folder's metadata away, before the first image that it describes is overwritten: until the
 * data set is complete again, nobody reads it for whole. It does so once, however often it is called.
 */
export function retraction(aws: Aws, folder: string, signal: AbortSignal | undefined): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= remove(aws, [`${folder}/${metadataFile.file}`], signal);
    return done;
  };
}
