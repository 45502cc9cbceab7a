import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { type Bucket, unquoted } from './bucket.js';
import type { WholeAnswer } from './http.js';
import { metadataHeaders } from './put-object.js';
import { sendPlainly } from './road.js';

export interface CopyOptions {
  /** The ETag that the source must have. */
  ifMatch?: string | undefined;
  /** What the copy says of itself, instead of its source's content type, metadata and tags. */
  replace?: { type: string; metadata: Record<string, string> };
  signal?: AbortSignal | undefined;
}

/**
 * Has S3 copy an object.
 *
 * @returns The copy's ETag, without quotes.
 */
export async function copyObject(
  { s3, bucket }: Bucket,
  key: string,
  source: { bucket: string; key: string },
  { ifMatch, replace, signal }: CopyOptions = {},
): Promise<string> {
  const CopySource = `${source.bucket}/${source.key}`.split('/').map(encodeURIComponent).join('/');
  const { answer, input } = await sendPlainly(s3, {
    input: {
      Bucket: bucket,
      Key: key,
      CopySource,
      CopySourceIfMatch: ifMatch,
      ...(replace && {
        MetadataDirective: 'REPLACE' as const,
        // Reading the tags of another's objects takes a permission of its own.
        TaggingDirective: 'REPLACE' as const,
        ContentType: replace.type,
        Metadata: replace.metadata,
      }),
    },
    place: bucket,
    method: 'PUT',
    key,
    query: { 'x-id': 'CopyObject' },
    headers: {
      'x-amz-copy-source': CopySource,
      'x-amz-copy-source-if-match': ifMatch,
      ...(replace && {
        'x-amz-metadata-directive': 'REPLACE',
        'x-amz-tagging-directive': 'REPLACE',
        'content-type': replace.type,
        ...metadataHeaders(replace.metadata),
      }),
    },
    signal,
    isRight: (answer) => etagOfCopy(answer) !== undefined,
  });
  if (answer) return etagOfCopy(answer) ?? '';
  const { CopyObjectResult } = await s3.send(new CopyObjectCommand(input), { abortSignal: signal });
  return unquoted(CopyObjectResult?.ETag);
}

/** The ETag in S3's answer to a copy, which may be an error in spite of its status, or break off. */
const etagOfCopy = ({ body }: WholeAnswer): string | undefined =>
  /<CopyObjectResult\b.*<ETag>(?:"|&quot;|&#34;)?([^<"&]+)(?:"|&quot;|&#34;)?<\/ETag>.*<\/CopyObjectResult>\s*$/s.exec(
    body.toString(),
  )?.[1];
