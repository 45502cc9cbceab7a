import { z } from 'zod';
import { idSchema } from '../../catalogue/index.js';
import { PipelineError } from '../../work/index.js';
import { chunkSize, tasks } from './settings.js';

const fresh = z.boolean();
const step = z.discriminatedUnion('task', [
  z.object({ task: z.literal('copy'), fresh }),
  z.object({
    task: z.literal('augment'),
    fresh,
    recipe: z.object({
      transforms: z.array(z.looseObject({ name: z.string() })).min(1),
      seed: z.int(),
      variants: z.int().min(1).max(1000),
      quality: z.int(),
    }),
  }),
  z.object({
    task: z.literal('infer'),
    model: z.object({ source: z.string().optional(), name: z.string(), fingerprint: z.string() }),
  }),
]);

/**
 * What is to be done with each chunk of a job, and how. `fresh` says that the folder had no image when the job began,
 * so that nobody needs to look; a model without `source` is the one that ships with the kit.
 */
export type Step = z.infer<typeof step>;
export type StepOf<T extends Step['task']> = Extract<Step, { task: T }>;

export const stepsSchema = z.array(step).min(1).max(tasks.length);

const version = 1;

const messageSchema = z.object({
  version: z.literal(version),
  /** The job's id. */
  job: z.string().regex(/^[\w-]{1,100}$/),
  /** Where the products are. */
  table: z.string(),
  bucket: z.string(),
  /** The folder of the export. */
  folder: z.string(),
  /** The number of the chunk, from 0. */
  chunk: z.int().nonnegative(),
  /** The products of the chunk. */
  ids: z.array(idSchema).min(1).max(chunkSize),
  /** What is left to do with them, the next step first. */
  steps: stepsSchema,
});

/** A chunk of a job on its way through the queues. */
export type Message = z.infer<typeof messageSchema>;

/** SQS's limit on a message, and on a batch of them, in bytes. */
export const maxBytes = 256 * 1024;

/**
 * A message as its body.
 *
 * @throws PipelineError `message.tooLarge`
 */
export function encode(message: Omit<Message, 'version'>): string {
  const body = JSON.stringify({ version, ...message });
  const bytes = Buffer.byteLength(body);
  if (bytes <= maxBytes) return body;
  throw new PipelineError(
    'message.tooLarge',
    `A message of ${bytes} bytes does not fit into SQS's ${maxBytes}: the transforms are too long. Give fewer of them.`,
    { value: bytes },
  );
}

/**
 * A message from its body.
 *
 * @throws PipelineError `message.otherVersion` where another version of the kit wrote it, `message.malformed` where
 * nobody did.
 */
export function decode(body: string): Message {
  const parsed = messageSchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const other = z.object({ version: z.unknown() }).safeParse(jsonOf(body)).data?.version;
  if (other !== undefined && other !== version) {
    throw new PipelineError(
      'message.otherVersion',
      `The message is of version ${String(other)}, this handler reads version ${version}. Deploy the kit ` +
        'that sends it, or resume the job.',
      { value: other },
    );
  }
  throw new PipelineError(
    'message.malformed',
    `The message is not one of the kit's: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
    { value: body },
  );
}

/** What a body says; undefined where it is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
