import { randomBytes } from 'node:crypto';
import { startProxy } from './proxy.js';

/** A server whose bucket's ETags say nothing of the bytes. */
export interface Encrypted {
  endpoint: string;
  /** Requests so far that wrote an image or read one's bytes, by kind. */
  images(): { put: number; copied: number; read: number };
  close(): Promise<void>;
}

/**
 * A proxy before S3 that gives the ETags of a bucket encrypted by KMS: another for each object, and a new one each time
 * it is written, whatever its bytes are.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export async function encryptedBucket(upstream: string): Promise<Encrypted> {
  const etags = new Map<string, string>();
  /** What the server has in place of each, for its conditions. */
  const own = new Map<string, string>();
  const etagOf = (path: string): string => {
    const etag = etags.get(path) ?? `"${randomBytes(16).toString('hex')}"`;
    etags.set(path, etag);
    return etag;
  };
  const counts = { put: 0, copied: 0, read: 0 };
  const proxy = await startProxy(
    upstream,
    ({ method, url = '', headers }) => {
      const path = pathOf(url);
      const image = path.endsWith('.jpg');
      const copy = headers['x-amz-copy-source'] !== undefined;
      const wanted = headers['if-match'];
      if (wanted !== undefined && wanted === etags.get(path)) headers['if-match'] = own.get(path);
      if (image && method === 'PUT') counts[copy ? 'copied' : 'put']++;
      if (image && method === 'GET') counts.read++;
      return false;
    },
    ({ method, url = '' }, headers, body) => {
      const path = pathOf(url);
      if (method === 'PUT' && (headers.etag !== undefined || body.includes('<CopyObjectResult'))) etags.delete(path);
      if (headers.etag !== undefined) {
        own.set(path, headers.etag);
        headers.etag = etagOf(path);
        headers['x-amz-server-side-encryption'] = 'aws:kms';
      }
      const [, bucket = ''] = path.split('/');
      return String(headers['content-type']).includes('xml')
        ? body
            .toString()
            .replace(
              /(<Key>([^<]*)<\/Key>(?:(?!<Key>).)*?)<ETag>[^<]*<\/ETag>/gs,
              (_, before: string, key: string) => `${before}<ETag>${etagOf(`/${bucket}/${key}`)}</ETag>`,
            )
            .replace(/(<CopyObjectResult.*?)<ETag>[^<]*<\/ETag>/s, `$1<ETag>${etagOf(path)}</ETag>`)
        : body;
    },
  );
  return { ...proxy, images: () => ({ ...counts }) };
}

const pathOf = (url: string): string => decodeURIComponent(url.replace(/\?.*/s, ''));
