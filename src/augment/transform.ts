/**
 * One step of an augmentation, as plain data that can be stored, sent in a message and compared. `name` picks the
 * function, `p` is the probability that it is applied (default 1), the rest are its options.
 */
export interface Transform {
  readonly name: string;
  readonly p?: number;
  readonly [option: string]: unknown;
}

/** A transform that was applied to an image, with the parameters that were drawn. */
export interface Applied {
  readonly name: string;
  readonly [parameter: string]: unknown;
}
