import type { AwsClient } from '../../aws/index.js';
import type { StepOptions } from '../../work/index.js';
import type { Answers } from '../recall.js';
import type { Backend } from '../run/backend.js';

/** How a head is trained. */
export interface HeadOptions<T> extends StepOptions {
  /** The field of the items that contains the labels; items without a value are skipped. */
  attribute: string;
  /** The folder that the model is written to. */
  out: string;
  /** Returns the encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /**
   * What `score` returned by the same model for some of the images, or several of these: their features are taken from
   * there, and not computed again.
   */
  scored?: Answers | readonly Answers[] | undefined;
  /** Returns the MD5 of an item's image in hex, where it is known without reading it: what is scored is known by it. */
  md5?: ((item: T) => string | undefined) | undefined;
  /** Returns the MD5 in hex of the image that an item's was made of, if it is an augmented one: both stay together. */
  origin?: ((item: T) => string | undefined) | undefined;
  /**
   * Items to measure the head on, and to calibrate it with; none of the others is held out then. Default: those whose
   * column `split` is `validation`, where some have `train`; else about an eighth of the items.
   */
  validation?: readonly T[] | undefined;
  /** The model whose features the head reads, a source as for `loadModel`; default: the one that ships with the kit. */
  model?: string | undefined;
  /** Default: tensorflow where it is installed, otherwise wasm. */
  backend?: Backend | undefined;
  /** The client that reads an `s3://` model; default: one from the AWS environment. */
  s3?: AwsClient | undefined;
  /** Labels with fewer images to train on are left out; default 5. */
  minImages?: number | undefined;
  /** Decides the order of the images; default 1. */
  seed?: number | undefined;
}
