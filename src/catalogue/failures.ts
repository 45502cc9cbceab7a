import { count, messageOf, PipelineError, plural } from '../work/index.js';
import { byId, type ProductId } from './id.js';

/**
 * An item on which a step failed while the rest went on.
 *
 * @example
 * const { pipeline } = await connect();
 * const dataset = await pipeline.run(queries.maleShoesFrom2012);
 * for (const { id, stage, reason } of dataset.manifest.failures) console.log(`${stage} of ${id}: ${reason}`);
 */
export interface Failure {
  /** The product's id. */
  id: ProductId;
  /** The step that failed: `read`, `put`, `copy`, `augment` or `infer`. */
  stage: string;
  /** The error's code, such as `image.unreadable`, for programs. */
  code: string;
  /** The error's message, for people. */
  reason: string;
}

/** How many of so many items may fail: a tenth of them, at least 10, but never all. */
export const allowedFailures = (total: number): number =>
  Math.min(Math.max(10, Math.floor(total / 10)), Math.max(0, total - 1));

/** The codes of errors that no item is to blame for: AWS is away, the data set is another one by now. */
const concernsAll = /^(aws|job|run)\.|^dataset\.changed$/;

/**
 * Collects failed items up to a limit, by default `allowedFailures`. An error that concerns all items (the endpoint is
 * down, the job was cancelled, the folder is another's) is not an item's failure: it is thrown again at once.
 */
export class Failures {
  readonly list: Failure[] = [];
  readonly #total: number;
  readonly #allowed: number;

  /** Tolerates `allowed` failures out of `total` items. */
  constructor(total: number, allowed = allowedFailures(total)) {
    this.#total = total;
    this.#allowed = allowed;
  }

  /**
   * Adds a failed item.
   *
   * @throws PipelineError `run.tooManyFailures` where that is one too many; `error` itself where it concerns all items.
   */
  add(id: ProductId, stage: string, error: unknown): void {
    if (
      !(error instanceof Error) ||
      error.name === 'AbortError' ||
      (error instanceof PipelineError && concernsAll.test(error.code))
    )
      throw error;
    const code = error instanceof PipelineError ? error.code : 'code' in error ? String(error.code) : error.name;
    this.list.push({ id, stage, code, reason: messageOf(error) });
    if (this.list.length > this.#allowed) {
      throw new PipelineError(
        'run.tooManyFailures',
        `Stopped: ${count(this.list.length)} of ${plural(this.#total, 'item')} failed, the last one (${id}) in ` +
          `${stage}: ${messageOf(error)} What was done is kept; fix the cause and run it again.`,
        { value: this.list, cause: error },
      );
    }
  }

  /** The failed items in the order of their ids. */
  get sorted(): Failure[] {
    return [...this.list].sort((a, b) => byId(a, b) || a.stage.localeCompare(b.stage));
  }
}
