import { setImmediate } from 'node:timers/promises';
import { randomFrom } from '../../work/index.js';

/** The rows of a matrix, told apart by fewer numbers. */
export interface Principal {
  /** [rows, count], the direction in which the rows differ most first; the mean of each column is 0. */
  coordinates: Float64Array;
  /** The share of the rows' variance that each column has, from 0 to 1. */
  shares: number[];
}

/** What may be asked of a computation that gives way to others. */
export interface Turns {
  signal?: AbortSignal | undefined;
  /** Called with the number of rows that were gone through since. */
  done?: ((rows: number) => void) | undefined;
}

/** Multiplications that the covariance may take, 2 s: where all rows would take more, it is that of an even choice. */
const mostProducts = 3e9;
/** Rows between two turns of other work. */
const atOnce = 1000;
const mostRounds = 500;

/**
 * Principal component analysis: the `count` directions in which the rows of a matrix differ most, and where each row
 * lies in them. The covariance is computed in one pass, its eigenvectors by orthogonal iteration, which always begins
 * with the same vectors: the same matrix gives the same coordinates. 40,000 rows of 256 numbers take about 2 s.
 *
 * @param matrix [rows, dimensions]
 * @throws The reason of `signal` where it aborts.
 */
export async function principal(
  matrix: Float32Array,
  dimensions: number,
  count: number,
  { signal, done }: Turns = {},
): Promise<Principal> {
  const rows = dimensions === 0 ? 0 : matrix.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let row = 0, at = 0; row < rows; row++)
    for (let k = 0; k < dimensions; k++, at++) mean[k] = (mean[k] ?? 0) + (matrix[at] ?? 0);
  for (let k = 0; k < dimensions; k++) mean[k] = (mean[k] ?? 0) / rows;
  const used = Math.max(1, Math.ceil(rows / Math.max(1, Math.floor(mostProducts / (0.5 * dimensions ** 2)))));
  const covariance = new Float64Array(dimensions * dimensions);
  const centred = new Float64Array(4 * dimensions);
  for (let row = 0, since = 0; row < rows; row += 4 * used) {
    // Four rows at a time read and write the covariance once.
    centred.fill(0);
    for (let i = 0; i < 4 && row + i * used < rows; i++)
      for (let k = 0, at = (row + i * used) * dimensions; k < dimensions; k++, at++)
        centred[i * dimensions + k] = (matrix[at] ?? 0) - (mean[k] ?? 0);
    addProducts(covariance, centred, dimensions);
    since += 4 * used;
    if (since < atOnce) continue;
    done?.(Math.min(since, rows - row));
    since = 0;
    await setImmediate();
    signal?.throwIfAborted();
  }
  for (let i = 0; i < dimensions; i++)
    for (let j = 0; j < i; j++) covariance[i * dimensions + j] = covariance[j * dimensions + i] ?? 0;
  let total = 0;
  for (let i = 0; i < dimensions; i++) total += covariance[i * dimensions + i] ?? 0;
  // What rounding leaves of rows that are all the same is no direction.
  if (total <= rows * dot(mean, mean) * 1e-12)
    return { coordinates: new Float64Array(rows * count), shares: Array<number>(count).fill(0) };
  const { vectors, values } = eigenvectors(covariance, dimensions, Math.min(count, dimensions));
  const shares = Array.from({ length: count }, (_, i) => (values[i] ?? 0) / total);
  return { coordinates: projected(matrix, mean, vectors, dimensions, count), shares };
}

/** Adds the products of four rows to the upper half of a covariance. */
function addProducts(covariance: Float64Array, rows: Float64Array, dimensions: number): void {
  for (let i = 0; i < dimensions; i++) {
    const a = rows[i] ?? 0;
    const b = rows[dimensions + i] ?? 0;
    const c = rows[2 * dimensions + i] ?? 0;
    const d = rows[3 * dimensions + i] ?? 0;
    for (let j = i, at = i * dimensions + i; j < dimensions; j++, at++)
      covariance[at] =
        (covariance[at] ?? 0) +
        a * (rows[j] ?? 0) +
        b * (rows[dimensions + j] ?? 0) +
        c * (rows[2 * dimensions + j] ?? 0) +
        d * (rows[3 * dimensions + j] ?? 0);
  }
}

/** The eigenvectors of a symmetric matrix with the greatest eigenvalues, one after the other. */
function eigenvectors(
  matrix: Float64Array,
  dimensions: number,
  count: number,
): { vectors: Float64Array[]; values: number[] } {
  const random = randomFrom('principal');
  // A few more than asked for let those converge sooner.
  let vectors = orthogonal(
    Array.from({ length: Math.min(dimensions, count + 6) }, () =>
      Float64Array.from({ length: dimensions }, () => random() - 0.5),
    ),
  );
  // Until they have all the variance that so many can have.
  for (let round = 0, before = 0; round < mostRounds; round++) {
    const next = vectors.map((vector) => times(matrix, vector));
    const variance = vectors.slice(0, count).reduce((sum, vector, i) => sum + dot(vector, next[i] ?? vector), 0);
    vectors = orthogonal(next);
    if (variance - before <= 1e-8 * variance) break;
    before = variance;
  }
  const found = vectors.slice(0, count).map(upright);
  return { vectors: found, values: found.map((vector) => dot(vector, times(matrix, vector))) };
}

/** Vectors of length 1 at right angles to those before them (Gram-Schmidt); 0 where one lies among those. */
function orthogonal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const before = Math.sqrt(dot(vector, vector));
    // Twice, since the first time leaves what rounding left.
    for (let again = 0; again < 2; again++)
      for (const other of done) {
        const part = dot(vector, other);
        for (let k = 0; k < vector.length; k++) vector[k] = (vector[k] ?? 0) - part * (other[k] ?? 0);
      }
    const length = Math.sqrt(dot(vector, vector));
    done.push(length <= 1e-12 * before || length === 0 ? vector.fill(0) : vector.map((value) => value / length));
  }
  return done;
}

/** A vector or its opposite: that whose greatest number is above 0, so that a map is never mirrored. */
function upright(vector: Float64Array): Float64Array {
  let greatest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(greatest) + 1e-12) greatest = value;
  return greatest < 0 ? vector.map((value) => -value) : vector;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const result = new Float64Array(vector.length);
  for (let i = 0, at = 0; i < vector.length; i++) {
    let sum = 0;
    for (let k = 0; k < vector.length; k++, at++) sum += (matrix[at] ?? 0) * (vector[k] ?? 0);
    result[i] = sum;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}

function projected(
  matrix: Float32Array,
  mean: Float64Array,
  vectors: readonly Float64Array[],
  dimensions: number,
  count: number,
): Float64Array {
  const rows = dimensions === 0 ? 0 : matrix.length / dimensions;
  const coordinates = new Float64Array(rows * count);
  for (const [i, vector] of vectors.entries()) {
    const middle = dot(mean, vector);
    for (let row = 0, at = 0; row < rows; row++) {
      let sum = -middle;
      for (let k = 0; k < dimensions; k++, at++) sum += (matrix[at] ?? 0) * (vector[k] ?? 0);
      coordinates[row * count + i] = sum;
    }
  }
  return coordinates;
}
