import { type Aws, readEtags } from '../../../aws/index.js';
import { columnNames, imageKey, type ProductId, productsById } from '../../../catalogue/index.js';
import { copyPart } from '../../../dataset/index.js';
import { PipelineError } from '../../../work/index.js';
import { queueHandler } from '../handle.js';

/** The Lambda function of the copy queue: a chunk's images go to the folder of its job. */
export const handler = queueHandler(
  'copy',
  async (aws, { message: { folder, ids }, step: { fresh }, job: { schema } }, work) => {
    const [products, existing] = await Promise.all([
      productsById(aws, ids, schema, work.signal),
      fresh ? new Map<string, string>() : existingOf(aws, folder, ids, work.signal),
    ]);
    const found = new Set(products.map(({ id }) => id));
    for (const id of ids) {
      if (found.has(id)) continue;
      work.failures.add(
        id,
        'copy',
        new PipelineError('catalogue.gone', `The product ${id} is no longer in the catalogue.`, { value: id }),
      );
      work.tracker.tick(1, 1);
    }
    return copyPart(aws, folder, products, existing, work, { columns: schema && columnNames(schema) });
  },
);

/** The ETags of those of a chunk's images that are in the folder, by file. */
async function existingOf(
  aws: Aws,
  folder: string,
  ids: readonly ProductId[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const etags = await readEtags(
    aws,
    ids.map((id) => `${folder}/${imageKey(id)}`),
    signal,
  );
  return new Map([...etags].map(([key, etag]) => [key.slice(folder.length + 1), etag]));
}
