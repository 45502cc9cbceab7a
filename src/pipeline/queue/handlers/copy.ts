import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Aws } from '../../../aws.js';
import { imageConcurrency, unquoted } from '../../../bucket.js';
import { columnNames, productsById } from '../../../catalogue/index.js';
import { concurrently } from '../../../concurrently.js';
import { copyPart } from '../../../dataset/index.js';
import { PipelineError } from '../../../errors.js';
import { queueHandler } from '../handle.js';

/** The Lambda function of the copy queue: a chunk's images go to the folder of its job. */
export const handler = queueHandler('copy', async (aws, { message: { folder, ids }, step: { fresh }, job: { schema } }, work) => {
  const [products, existing] = await Promise.all([productsById(aws, ids, schema, work.signal), fresh ? new Map<string, string>() : headImages(aws, folder, ids, work.signal)]);
  const found = new Set(products.map(({ id }) => id));
  for (const id of ids) {
    if (found.has(id)) continue;
    work.failures.add(id, 'copy', new PipelineError('catalogue.gone', `The product ${id} is no longer in the catalogue.`, { value: id }));
    work.tracker.tick(1, 1);
  }
  return copyPart(aws, folder, products, existing, work, { columns: schema && columnNames(schema) });
});

/** The ETags of a chunk's images in the folder, of those that are there. */
async function headImages({ s3, bucket }: Aws, folder: string, ids: readonly number[], signal?: AbortSignal): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  await concurrently(
    ids,
    async (id) => {
      const file = `images/${id}.jpg`;
      try {
        const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: `${folder}/${file}` }), { abortSignal: signal });
        etags.set(file, unquoted(ETag));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NotFound')) throw error;
      }
    },
    { concurrency: imageConcurrency, signal },
  );
  return etags;
}
