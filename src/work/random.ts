import { createHash } from 'node:crypto';

/** Returns the next number of a sequence, at least 0 and below 1. */
export type Random = () => number;

/**
 * A sequence of random numbers that depends on the keys alone: the same keys lead to the same numbers, on every machine
 * and whatever ran before; different keys lead to independent sequences.
 *
 * SHA-256 of the keys seeds sfc32 (Doty-Humphrey's small fast counter, from PractRand).
 *
 * @example
 * const random = randomFrom(7, 'augment', 15970, 0);
 * const x = Math.floor(random() * 10);
 */
export function randomFrom(...keys: readonly (string | number)[]): Random {
  const seed = createHash('sha256').update(JSON.stringify(keys)).digest();
  let a = seed.readUInt32LE(0);
  let b = seed.readUInt32LE(4);
  let c = seed.readUInt32LE(8);
  let counter = 1;
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}

/** A random whole number from `low` to `high`, both included. */
export const randomInteger = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** The items in a random order, in a new array (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomInteger(random, 0, i);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
