// The functions' zips in the bucket that CloudFormation takes them from.
import { readFile } from 'node:fs/promises';
import { HeadBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { PipelineError, sdkClient } from '../../dist/index.js';
import { list, remove, Tracker } from '../../dist/internal.js';

/**
 * @import { Aws, OnProgress } from '../../dist/index.js'
 * @import { Zip } from './bundle.mjs'
 * @typedef {Zip & { key: string }} KeyedZip
 */

/** Whether an error says that a bucket or an object is not there. @param {unknown} error */
const isMissing = (error) =>
  (error instanceof Error && error.name === 'NotFound') ||
  (error instanceof PipelineError && error.code === 'aws.bucketMissing');

/** The key of a stack's zip: another one for other contents. @param {string} stack @param {Zip} zip */
export const keyOf = (stack, { task, sha256 }) => `deploy/${stack}/${task}-${sha256.slice(0, 16)}.zip`;

/** @param {Aws} aws @param {string} bucket @param {AbortSignal} signal */
export async function hasBucket({ s3 }, bucket, signal) {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Uploads the zips that are not there yet.
 *
 * @param {Aws} aws
 * @param {string} Bucket
 * @param {readonly KeyedZip[]} zips
 * @param {{ signal: AbortSignal, onProgress: OnProgress }} step
 */
export async function upload({ s3 }, Bucket, zips, { signal, onProgress }) {
  for (const { task, file, key: Key } of zips) {
    const there = await s3.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal }).then(
      () => true,
      (error) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
    if (there) continue;
    const Body = await readFile(file);
    const tracker = new Tracker(`upload ${task}`, 'bytes', Body.length, onProgress);
    const sending = new Upload({
      client: sdkClient(s3, S3Client),
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

/**
 * Removes the zips of a stack except those to `keep`. Returns the keys of the removed ones.
 *
 * @param {Aws} aws
 * @param {string} bucket
 * @param {readonly string[]} [keep]
 */
export async function removeZips({ s3, stack }, bucket, keep = []) {
  const keys = [];
  try {
    for await (const { key } of list({ s3, bucket }, `deploy/${stack}/`)) if (!keep.includes(key)) keys.push(key);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await remove({ s3, bucket }, keys);
  return keys;
}
