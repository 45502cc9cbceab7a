/**
 * The one error of the kit: something a person can act on. The message names the value at fault and the remedy;
 * the `code` (dotted, such as `condition.unknownField`) is for programs.
 *
 * @example
 * try { await pipeline.run({ where: { gendre: 'Men' } }); }
 * catch (error) { if (error instanceof PipelineError) console.error(error.code, error.message); }
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  /** Dotted, stable: `<area>.<what>`. */
  readonly code: string;
  /** The value at fault, where there is one. */
  readonly value?: unknown;

  constructor(code: string, message: string, options: { value?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.value = options.value;
  }
}

/** What a person wants to read of anything thrown: its message. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
