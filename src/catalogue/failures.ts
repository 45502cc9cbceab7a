import { messageOf, PipelineError } from '../work/index.js';
import { byId, type ProductId } from './id.js';

/** One item that could not be done, while the rest went on. */
export interface Failure {
  /** The product's id. */
  id: ProductId;
  /** What failed on it: `read`, `put`, `copy`, `augment`, `infer`. */
  stage: string;
  /** The error's code, for programs. */
  code: string;
  /** The error's message, for people. */
  reason: string;
}

/** The failures that a step over so many items may have: a tenth of them, at least 10, and never all. */
export const allowedFailures = (total: number): number =>
  Math.min(Math.max(10, Math.floor(total / 10)), Math.max(0, total - 1));

/**
 * Collects failed items up to a budget, by default that of {@link allowedFailures}. What is wrong with everything (the
 * endpoint down, the bucket gone) is no item's failure and is thrown on at once.
 */
export class Failures {
  readonly list: Failure[] = [];
  readonly #total: number;
  readonly #allowed: number;

  /** `allowed` failures of `total` items are borne. */
  constructor(total: number, allowed = allowedFailures(total)) {
    this.#total = total;
    this.#allowed = allowed;
  }

  /**
   * @throws PipelineError `run.tooManyFailures` where the budget is spent; the error itself where it is no item's own.
   */
  add(id: ProductId, stage: string, error: unknown): void {
    if (
      !(error instanceof Error) ||
      error.name === 'AbortError' ||
      (error instanceof PipelineError && error.code.startsWith('aws.'))
    )
      throw error;
    const code = error instanceof PipelineError ? error.code : 'code' in error ? String(error.code) : error.name;
    this.list.push({ id, stage, code, reason: messageOf(error) });
    if (this.list.length > this.#allowed) {
      throw new PipelineError(
        'run.tooManyFailures',
        `Stopped: ${this.list.length} of ${this.#total} items failed, the last one (${id}) in ${stage}: ` +
          `${messageOf(error)} What was done is kept; mend the cause and run it again.`,
        { value: this.list, cause: error },
      );
    }
  }

  /** In the order of the ids, whatever order they failed in. */
  get sorted(): Failure[] {
    return [...this.list].sort((a, b) => byId(a, b) || a.stage.localeCompare(b.stage));
  }
}
