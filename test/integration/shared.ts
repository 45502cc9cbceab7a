import { inject } from 'vitest';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';

/** Clients of the shared server. */
export const sharedAws = (): Aws => clients({ env: inject('env') });

/** The files below a folder of the bucket, without the folder's name, sorted. */
export async function filesOf(aws: Aws, folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { key } of list(aws, `${folder}/`)) files.push(key.slice(folder.length + 1));
  return files.sort();
}

export const textOf = async (aws: Aws, key: string): Promise<string> =>
  Buffer.from(await getBytes(aws, key)).toString();
