import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Aws, getBytes, list, putBytes, remove } from '../aws/index.js';
import { chunked, concurrently } from '../work/index.js';

/**
 * Where the kit keeps account of a folder that is being written: not within it, so that the folder has nothing but the
 * data set. No segment of a folder's name begins with a dot.
 */
export const accountOf = (folder: string): string => `jobs/folders/${folder}/`;
const begunOf = (folder: string): string => `${accountOf(folder)}.begun/`;

/**
 * Notes files that are about to be put into a folder, as names below it; an image whose format is not known yet is
 * noted without its extension. No manifest lists them until the data set is
 * complete; a run that is stopped before leaves them, and the next one knows by the notes that they are the kit's.
 * Those of a job are kept apart: a handler of a job that was cancelled may be late.
 */
export async function noteBegun(
  aws: Aws,
  folder: string,
  files: Iterable<string>,
  { job = 'runs', signal }: { job?: string; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for await (const some of chunked(files, 100_000)) {
    const key = `${begunOf(folder)}${job}/${randomUUID()}`;
    await putBytes(aws, key, JSON.stringify(some), { type: 'application/json', signal });
  }
}

/** All files that were noted since the folder was last complete. */
export async function readBegun(aws: Aws, folder: string, signal?: AbortSignal): Promise<Set<string>> {
  const files = new Set<string>();
  await concurrently(
    list(aws, begunOf(folder), signal),
    async ({ key }) => {
      const noted = z.array(z.string()).parse(JSON.parse(Buffer.from(await getBytes(aws, key, signal)).toString()));
      for (const file of noted) files.add(file);
    },
    { concurrency: 8, signal },
  );
  return files;
}

/** Forgets the notes of a folder that is complete: those of runs, and those of the job that completed it. */
export async function forgetBegun(aws: Aws, folder: string, job?: string, signal?: AbortSignal): Promise<void> {
  const keys: string[] = [];
  for (const owner of ['runs', ...(job === undefined ? [] : [job])])
    for await (const { key } of list(aws, `${begunOf(folder)}${owner}/`, signal)) keys.push(key);
  await remove(aws, keys, signal);
}

/** Whether a run has noted anything since the folder was last complete. */
export async function hasBegun(aws: Aws, folder: string, signal?: AbortSignal): Promise<boolean> {
  for await (const _ of list(aws, begunOf(folder), signal)) return true;
  return false;
}

/** Forgets all notes of a folder that has nothing of the kit's any more. */
export async function forgetAllBegun(aws: Aws, folder: string, signal?: AbortSignal): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of list(aws, begunOf(folder), signal)) keys.push(key);
  await remove(aws, keys, signal);
}
