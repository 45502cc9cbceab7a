import type { AwsClient } from '../../aws/index.js';
import type { StepOptions } from '../../work/index.js';
import type { Backend } from '../run/backend.js';

/** What a head is trained on. */
export interface HeadOptions<T> extends StepOptions {
  /** The field of the items that has the labels; blanks are passed over. */
  attribute: string;
  /** The folder that receives the model. */
  out: string;
  /** The encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /** The model whose features it reads, as for `loadModel`; default the shipped one. */
  model?: string | undefined;
  backend?: Backend | undefined;
  s3?: AwsClient | undefined;
  /** Labels with fewer images to train on are left out. Default 5. */
  minImages?: number | undefined;
  seed?: number | undefined;
}
