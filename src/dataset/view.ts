import { z } from 'zod';
import { idSchema, type ProductId } from '../catalogue/index.js';

const words = z.string();

const shape = z.discriminatedUnion('step', [
  z.object({ step: z.literal('rows'), words, rows: z.number() }),
  z.object({ step: z.literal('where'), words, where: z.unknown() }),
  z.object({ step: z.literal('without'), words, ids: z.array(idSchema) }),
  z.object({ step: z.literal('column'), words, column: z.string() }),
  z.object({
    step: z.literal('split'),
    words,
    shares: z.record(z.string(), z.number()),
    stratify: z.array(z.string()),
    seed: z.number(),
    /** A field, or `groups` that were given. */
    together: z.string().optional(),
  }),
]);

/** A step as a manifest has it. */
export const viewStepSchema = z.custom<ViewStep>((step) => shape.safeParse(step).success, 'no step of a view');

/**
 * A step by which a view was made, in words and as data.
 *
 * @example
 * const steps: readonly ViewStep[] = shoes.where({ season: 'Fall' }).view?.steps ?? [];
 * console.log(steps.map(({ step, words }) => `${step}: ${words}`));
 */
export interface ViewStep {
  readonly step: z.infer<typeof shape>['step'];
  readonly words: string;
  /** Of `rows`: how many were selected. */
  readonly rows?: number;
  /** Of `where`: the condition. */
  readonly where?: unknown;
  /** Of `without`: whose rows were left out. */
  readonly ids?: readonly ProductId[];
  /** Of `column`: its name. */
  readonly column?: string;
  /** Of `split`: how it was made. */
  readonly shares?: Readonly<Record<string, number>>;
  readonly stratify?: readonly string[];
  readonly seed?: number;
  readonly together?: string | undefined;
}

/**
 * How a view was made.
 *
 * @example
 * const view: View | undefined = shoes.where({ season: 'Fall' }).view;
 * console.log(view?.rule); // season = 'Fall'
 */
export interface View {
  /** The data set that it shows rows of, the digest of that, and how many rows it has. */
  readonly parent: { readonly folder: string; readonly digest: string; readonly rows: number };
  /** What was done, one after the other. */
  readonly steps: readonly ViewStep[];
  /** The same in words. */
  readonly rule: string;
}

/** Steps in words. */
export const ruleText = (steps: readonly ViewStep[]): string =>
  steps.length === 0 ? 'all rows' : steps.map((step) => step.words).join('; ');
