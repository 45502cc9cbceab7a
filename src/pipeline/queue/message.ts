import { z } from 'zod';
import { idSchema } from '../../catalogue/index.js';
import { badFolder } from '../../dataset/index.js';
import { PipelineError } from '../../work/index.js';
import { mostProducts } from './settings.js';
import { stepSchemas, tasks } from './tasks/index.js';

/** What is left to do with a chunk, the next step first. */
export const stepsSchema = z.array(z.discriminatedUnion('task', stepSchemas)).min(1).max(tasks.length);

/** In version 2 predictions have a name: a handler that reads 1 alone would leave it out, and write elsewhere. */
const versions = [1, 2] as const;

const messageSchema = z.object({
  version: z.literal(versions),
  /** The job's id. */
  job: z.string().regex(/^[\w-]{1,100}$/),
  /** Where the products are. */
  table: z.string(),
  bucket: z.string(),
  /** The folder of the export, checked as one that a person gives. */
  folder: z.string().superRefine((folder, { addIssue }) => {
    const reason = badFolder(folder);
    if (reason !== undefined) addIssue(`'${folder}' cannot be an export's folder: ${reason}`);
  }),
  /** The number of the chunk, from 0. */
  chunk: z.int().nonnegative(),
  /** The products of the chunk. */
  ids: z.array(idSchema).min(1).max(mostProducts),
  /** Shows that the job itself chose the ids: `digestOf` them. Absent in messages of earlier versions. */
  digest: z.string().optional(),
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
  const version = message.steps.some((step) => 'name' in step) ? 2 : 1;
  const body = inAscii(JSON.stringify({ ...message, version }));
  const bytes = Buffer.byteLength(body);
  if (bytes <= maxBytes) return body;
  throw new PipelineError(
    'message.tooLarge',
    `A message of ${bytes} bytes does not fit into SQS's ${maxBytes}: the transforms are too long. Give fewer of them.`,
    { value: bytes },
  );
}

/** JSON with escapes for what is not ASCII: ids have any characters, and SQS takes but those of XML. */
const inAscii = (json: string): string =>
  json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * A message from its body.
 *
 * @throws PipelineError `message.otherVersion` where another version of the kit wrote it, `message.malformed` where
 * something else did.
 */
export function decode(body: string): Message {
  const parsed = messageSchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const other = z.object({ version: z.unknown() }).safeParse(jsonOf(body)).data?.version;
  if (other !== undefined && !versions.some((known) => known === other)) {
    throw new PipelineError(
      'message.otherVersion',
      `The message is of version ${String(other)}, this handler reads ${versions.join(' and ')}. Deploy the kit ` +
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

/** What a body says; undefined where it is not JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
