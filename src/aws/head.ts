import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.js';
import { getBytes } from './get-object.js';
import { type Head, md5, recordedMd5 } from './md5.js';

/** What S3 says of an object; undefined where there is no such object. */
export async function headOf({ s3, bucket }: Bucket, key: string, signal?: AbortSignal): Promise<Head | undefined> {
  try {
    return await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return undefined;
    throw error;
  }
}

/**
 * The MD5 of an object, whatever its ETag is: as its metadata says it, else of its bytes. Undefined where there is no
 * such object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html on the ETags of encrypted objects
 */
export async function md5Of(aws: Bucket, key: string, signal?: AbortSignal): Promise<string | undefined> {
  const head = await headOf(aws, key, signal);
  return head && (recordedMd5(head) ?? md5(await getBytes(aws, key, signal)));
}
