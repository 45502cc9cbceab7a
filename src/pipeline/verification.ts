import { inspect } from 'node:util';
import { count } from '../work/index.js';

/** Something that is not as a manifest says. */
export interface Fault {
  /** The file, as seen from the folder; for predictions, the file of the image. */
  readonly file: string;
  readonly problem: string;
}

/** What was found of one folder. */
export interface VerifiedFolder {
  readonly folder: string;
  /** How many images its manifest lists, and how many are as it says. */
  readonly images: number;
  readonly right: number;
  /** How many rows were made again, and how many came out the same. */
  readonly rebuilt: number;
  readonly same: number;
  readonly faults: readonly Fault[];
}

/** Of the faults of a folder, so many are named. */
const mostNamed = 20;

/**
 * What `pipeline.verify` found: of a data set, and of what was derived from it.
 *
 * @example
 * const verified: Verification = await pipeline.verify('fall_shoes', { rebuild: 50 });
 * console.log(String(verified), verified.ok);
 */
export class Verification {
  constructor(readonly folders: readonly VerifiedFolder[]) {}

  /** Whether all is as the manifests say. */
  get ok(): boolean {
    return this.folders.every(({ faults }) => faults.length === 0);
  }

  /** `684 of 684 images are as their manifest says; 50 of 50 made again are the same`, and what is not. */
  toString(): string {
    return this.folders
      .map(({ folder, images, right, rebuilt, same, faults }) =>
        [
          `${folder}: ${count(right)} of ${count(images)} images are as their manifest says` +
            `${rebuilt > 0 ? `; ${count(same)} of ${count(rebuilt)} made again are the same` : ''}`,
          ...faults.slice(0, mostNamed).map(({ file, problem }) => `  ${file} ${problem}`),
          ...(faults.length > mostNamed ? [`  … ${count(faults.length - mostNamed)} more`] : []),
        ].join('\n'),
      )
      .join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
