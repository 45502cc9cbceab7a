import { type Aws, getBytes } from '../aws/index.js';
import type { ProductId } from '../catalogue/index.js';
import { PipelineError } from '../work/index.js';
import type { Row } from './row.js';

/** The encoded image of a row. */
export async function imageOf(aws: Aws, row: Row, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  return getBytes(aws, imageKeyOf(aws, row), signal);
}

/** The key of a row's image in the bucket. */
export function imageKeyOf(
  aws: Pick<Aws, 'bucket'>,
  { id, imagePath }: { id: ProductId; imagePath?: string | null | undefined },
): string {
  const key = keyInBucket(aws, imagePath);
  if (key !== undefined) return key;
  throw new PipelineError(
    'dataset.badImagePath',
    `The image of product ${id} is at '${imagePath}', not in the bucket ${aws.bucket}. Seed the catalogue ` +
      'into this bucket, or set ML_PIPELINE_BUCKET.',
    { value: imagePath },
  );
}

/** The key in `s3://<bucket>/<key>`; undefined where the path is not in the bucket. */
export function keyInBucket({ bucket }: Pick<Aws, 'bucket'>, path: string | null | undefined): string | undefined {
  const start = `s3://${bucket}/`;
  return path?.startsWith(start) && path.length > start.length ? path.slice(start.length) : undefined;
}
