// The functions' zips in the bucket that CloudFormation takes them from.
import { readFile } from 'node:fs/promises';
import { HeadBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { list, remove, Tracker } from '../dist/internal.js';

/** The key of a stack's zip: another one for other contents. */
export const keyOf = (stack, { task, sha256 }) => `deploy/${stack}/${task}-${sha256.slice(0, 16)}.zip`;

export async function hasBucket({ s3 }, bucket, signal) {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (error.name === 'NotFound' || error.code === 'aws.bucketMissing') return false;
    throw error;
  }
}

/** Uploads the zips that are not there yet. */
export async function upload({ s3 }, Bucket, zips, { signal, onProgress }) {
  for (const { task, file, key: Key } of zips) {
    const there = await s3.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal }).then(
      () => true,
      (error) => {
        if (error.name === 'NotFound') return false;
        throw error;
      },
    );
    if (there) continue;
    const Body = await readFile(file);
    const tracker = new Tracker(`upload ${task}`, 'bytes', Body.length, onProgress);
    const sending = new Upload({
      client: s3,
      params: { Bucket, Key, Body, ContentType: 'application/zip' },
      queueSize: 2,
    });
    sending.on('httpUploadProgress', ({ loaded = 0 }) => tracker.tick(loaded - tracker.done));
    const abort = () => void sending.abort();
    signal.addEventListener('abort', abort);
    await sending.done().finally(() => signal.removeEventListener('abort', abort));
    tracker.end();
  }
}

/** Removes the zips of a stack but those to `keep`, and gives the keys of the removed. */
export async function removeZips({ s3, stack }, bucket, keep = []) {
  const keys = [];
  try {
    for await (const { key } of list({ s3, bucket }, `deploy/${stack}/`)) if (!keep.includes(key)) keys.push(key);
  } catch (error) {
    if (error.code !== 'aws.bucketMissing') throw error;
  }
  await remove({ s3, bucket }, keys);
  return keys;
}
