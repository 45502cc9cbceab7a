/**
 * Makes sure that a folder is still held by whoever writes to it, as of so many milliseconds ago at most; 2,000 where
 * it is not said. Throws where it is not.
 */
export type Confirm = (age?: number) => Promise<void>;

/** A check that can be asked for before each image: it is made anew only where the last one is too old. */
export function confirming(check: () => Promise<void>): Confirm {
  let began = -Infinity;
  let last = Promise.resolve();
  return (age = 2000) => {
    const now = performance.now();
    if (now - began >= age) {
      began = now;
      last = check();
    }
    return last;
  };
}
