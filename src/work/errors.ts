import { asInstalled } from './as-installed.js';
import { visible } from './visible.js';

/**
 * What the kit throws wherever a person can do something about it. The message names the value at fault and the
 * remedy; the `code` is for programs.
 *
 * @example
 * const { catalogue } = await connect();
 * try {
 *   catalogue.query(JSON.parse('{ "gendre": "Men" }'));
 * } catch (error) {
 *   if (error instanceof PipelineError) console.error(error.code, error.message);
 *   // condition.unknownField There is no field 'gendre'. Did you mean 'gender'? …
 * }
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  /** `<area>.<what>`, such as `condition.unknownField`; does not change between versions. */
  readonly code: string;
  /** The value at fault, where there is one. */
  readonly value?: unknown;

  constructor(code: string, message: string, options: { value?: unknown; cause?: unknown } = {}) {
    super(visible(asInstalled(message)), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.value = options.value;
  }
}

/** The message of anything that was thrown, an `Error` or not. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
