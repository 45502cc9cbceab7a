import { z } from 'zod';
import { schemaShape } from '../../../catalogue/index.js';
import { formatSchema } from '../../../dataset/index.js';
import { stepsSchema } from '../message.js';
import { mostProducts } from '../settings.js';
import { byMade, tasks } from '../tasks/index.js';

/** What a job is to do; written once. */
export const planSchema = z.object({
  /** The number of a named query, or null. */
  query: z.number().nullable(),
  name: z.string().optional(),
  where: z.unknown(),
  folder: z.string(),
  table: z.string(),
  bucket: z.string(),
  /** Where images are of which the table has the key alone, if it is another bucket. */
  imageBucket: z.string().optional(),
  /** What the table's products are; absent where they are the fashion catalogue's, in jobs of earlier versions. */
  schema: schemaShape.optional(),
  /** The access path, as the manifest has it; the plan with its cost, as the report has it. */
  access: z.string(),
  plan: z.string(),
  /** What there is to say of what was found; absent in jobs of earlier versions. */
  notes: z.array(z.string()).optional(),
  readUnits: z.object({ consumed: z.number(), scan: z.number().nullable() }),
  products: z.int(),
  chunks: z.int(),
  /** Products in each chunk, the last one apart; absent in jobs of earlier versions. */
  chunkSize: z.int().positive().default(mostProducts),
  /** A random key of the digests in its messages; absent in jobs of earlier versions. */
  key: z.string().optional(),
  steps: stepsSchema,
  formats: z.array(formatSchema),
  /** ISO 8601. */
  created: z.string(),
});
export type JobPlan = z.infer<typeof planSchema>;

export const outcomeSchema = z.object({
  /** Images of each data set that was made; 0 for a task that the version which wrote it did not have. */
  ...byMade(() => z.int().default(0)),
  /** Items that failed in some step. */
  failed: z.int(),
  seconds: z.number(),
  /** Images of each task, failed ones included, in the order of the steps. */
  tasks: z.array(z.object({ task: z.enum(tasks), done: z.int(), failed: z.int() })),
});
export type Outcome = z.infer<typeof outcomeSchema>;

export const jobStates = ['running', 'completed', 'cancelled', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

/** A job as its table has it. */
export interface JobRecord extends JobPlan {
  id: string;
  state: JobState;
  /** Why it failed. */
  reason?: string | undefined;
  outcome?: Outcome | undefined;
  /** The backends that its model ran on. */
  backends: string[];
  /** Why a message was put off last, and until when (ms since 1970). */
  waiting?: { reason: string; until: number } | undefined;
  /** When whoever sends its messages last gave a sign of life, in ms since 1970; undefined when all are sent. */
  sending?: number | undefined;
}

/** A job as it is listed: also one whose record is malformed, with what can be read of it, and the reason. */
export type ListedJob =
  | JobRecord
  | (Pick<JobPlan, 'name' | 'folder' | 'bucket' | 'products' | 'created'> & {
      steps?: JobPlan['steps'] | undefined;
      id: string;
      state: 'malformed';
      reason: string;
    });
