/**
 * McNemar's exact test: how probable it is that of two models that are equally good one alone is right so much more
 * often than the other alone (two-sided). Only images on which just one of them is right say anything.
 *
 * @see https://doi.org/10.1007/BF02295996
 *
 * @example
 * mcnemar(10, 30); // 0.0022
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  // The logarithm of n over k, divided by 2 to the n; for k = 0 first.
  let term = -n * Math.LN2;
  let sum = Math.exp(term);
  for (let k = 1; k <= Math.min(onlyA, onlyB); k++) {
    term += Math.log((n - k + 1) / k);
    sum += Math.exp(term);
  }
  return Math.min(1, 2 * sum);
}
