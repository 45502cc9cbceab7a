import { pMapIterable } from 'p-map';
import { z } from 'zod';
import { type Aws, getBytes, list, putBytes, remove } from '../../../aws/index.js';
import { idSchema, type ProductId } from '../../../catalogue/index.js';
import { manifestSchema, type Part, rowSchema } from '../../../dataset/index.js';
import { chunked, PipelineError, shared } from '../../../work/index.js';
import type { Task } from '../tasks/index.js';

/**
 * Where the handlers of a job keep what others of its handlers read: the ids of its products, and the part of the data
 * set that was made of each chunk.
 */
const folderOf = (job: string): string => `jobs/${job}`;
const idsKey = (job: string): string => `${folderOf(job)}/ids.json`;
const partKey = (job: string, task: Task, chunk: number): string => `${folderOf(job)}/${task}/${chunk}.json`;
const json = { type: 'application/json' };

const partSchema: z.ZodType<Part> = z.object({
  rows: z.array(rowSchema),
  images: manifestSchema.shape.images,
  failures: manifestSchema.shape.failures,
  embeddings: z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .optional(),
});

/** Keeps the ids of a job's products, in their order. */
export const putIds = (aws: Aws, job: string, ids: readonly ProductId[]) =>
  putBytes(aws, idsKey(job), JSON.stringify(ids), json);

export const getIds = async (aws: Aws, job: string): Promise<ProductId[]> => read(aws, idsKey(job), z.array(idSchema));

export const putPart = (
  aws: Aws,
  job: string,
  task: Task,
  chunk: number,
  { embeddings, ...part }: Part,
  signal?: AbortSignal,
) =>
  putBytes(
    aws,
    partKey(job, task, chunk),
    JSON.stringify({ ...part, embeddings: embeddings && Buffer.from(embeddings).toString('base64') }),
    { ...json, signal },
  );

export const getPart = (aws: Aws, job: string, task: Task, chunk: number, signal?: AbortSignal): Promise<Part> =>
  read(aws, partKey(job, task, chunk), partSchema, signal);

/** The parts that a task made of all chunks, in the order of the chunks; some are fetched ahead. */
export const partsOf = (aws: Aws, job: string, task: Task, chunks: number, signal?: AbortSignal): AsyncIterable<Part> =>
  pMapIterable(Array(chunks).keys(), (chunk) => getPart(aws, job, task, chunk, shared(signal)), {
    concurrency: 16,
    backpressure: 32,
  });

export const removePart = (aws: Aws, job: string, task: Task, chunk: number) =>
  remove(aws, [partKey(job, task, chunk)]);

/** Removes all that a job kept. */
export async function removeResults(aws: Aws, job: string): Promise<void> {
  for await (const page of chunked(list(aws, `${folderOf(job)}/`), 1000))
    await remove(
      aws,
      page.map(({ key }) => key),
    );
}

async function read<T>(aws: Aws, key: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
  const text = Buffer.from(await getBytes(aws, key, signal)).toString();
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new PipelineError(
      'job.malformed',
      `s3://${aws.bucket}/${key} is not as this version of the kit writes it. Resume the job, or run its query again.`,
      { value: key, cause },
    );
  }
}
