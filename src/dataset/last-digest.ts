import { type Aws, getObject } from '../aws/index.js';
import { PipelineError } from '../work/index.js';
import { manifestName } from './files.js';

/** The digest of the data set that a folder holds, and when it was written, in milliseconds. */
export interface LastDigest {
  /** Undefined where a version of the kit wrote the manifest that kept none. */
  digest: string | undefined;
  written: number;
}

/** Reads the end of a folder's manifest, which may be large; undefined where there is none. */
export async function lastDigest(aws: Aws, folder: string): Promise<LastDigest | undefined> {
  try {
    const { bytes, modified } = await getObject(aws, `${folder}/${manifestName}`, { range: 'bytes=-100' });
    const digest = /"digest": "([0-9a-f]+)"\s*\}\s*$/.exec(Buffer.from(bytes).toString())?.[1];
    return { digest, written: modified };
  } catch (error) {
    if (error instanceof PipelineError && error.code === 's3.notFound') return undefined;
    throw error;
  }
}

/** The error of a data set that is no longer what its folder holds. */
export function changed({ uri, folder }: { uri: string; folder: string }, last: LastDigest | undefined): PipelineError {
  const message = last
    ? `${uri} was made again at ${new Date(last.written).toISOString().slice(0, 19).replace('T', ' ')} UTC, since ` +
      'this data set was opened. Open it again.'
    : `${uri} has no complete data set any more: it is being made again, or was removed. Run its query again, and ` +
      'open it.';
  return new PipelineError('dataset.changed', message, { value: folder });
}
