/**
 * One step of an augmentation: plain data that can be stored, sent in a message and compared. `name` picks the
 * function, the rest are its options; `p` is the probability that it is applied (1 where absent).
 */
export interface Transform {
  readonly name: string;
  readonly p?: number;
  readonly [option: string]: unknown;
}

/** What was in fact done to one image: the transforms applied, in order, each with the parameters that were drawn. */
export interface Applied {
  readonly name: string;
  readonly [parameter: string]: unknown;
}
