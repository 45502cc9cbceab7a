import { hash } from 'node:crypto';

/** The MD5 of some bytes, in hex. It identifies an image: S3 lists it as the ETag of most objects. */
export const md5 = (bytes: Uint8Array | string): string => hash('md5', bytes);

/** Whether an ETag can be an MD5 at all: that of an object which was put in several parts cannot. */
export const isMd5 = (etag: string): boolean => /^[0-9a-f]{32}$/.test(etag);

/**
 * The entry of an object's metadata that says its MD5, for buckets whose ETags do not. S3 copies it with the object. It
 * has the length, too, so that it does not pass for that of other bytes where a tool replaces them and keeps metadata.
 */
export const md5Entry = (bytes: Uint8Array | string): { md5: string } =>
  md5Record(md5(bytes), Buffer.byteLength(bytes));

/** The same of bytes whose MD5 and number are known. */
export const md5Record = (digest: string, length: number): { md5: string } => ({ md5: `${digest}-${length}` });

/** The MD5 that an object's metadata says. */
export function recordedMd5({ ContentLength, Metadata }: Head): string | undefined {
  const [digest, length] = Metadata?.md5?.split('-') ?? [];
  return length === String(ContentLength) ? digest : undefined;
}

/**
 * The MD5 that S3 knows of an object without its bytes: what its metadata says, else its ETag, unless it is encrypted
 * by KMS or was put in parts.
 */
export function knownMd5(head: Head): string | undefined {
  const etag = head.ETag?.replaceAll('"', '') ?? '';
  return recordedMd5(head) ?? (isMd5(etag) && !head.ServerSideEncryption?.startsWith('aws:kms') ? etag : undefined);
}

/** What S3 says of an object, as far as it is read here. */
export interface Head {
  ETag?: string | undefined;
  ContentLength?: number | undefined;
  ServerSideEncryption?: string | undefined;
  Metadata?: Record<string, string> | undefined;
}
