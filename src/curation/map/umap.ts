import { UMAP } from 'umap-js';
import { randomFrom } from '../../work/index.js';
import { nearestNeighbours } from './neighbours.js';

/** What a map is made of, and how. */
export interface UmapInput {
  /** [points, dimensions]; the first two are where the points begin. */
  points: Float64Array;
  dimensions: number;
  /** How many of its nearest points each is kept near to, itself among them. */
  neighbours: number;
  seed: number;
}

/** How far it is: the points whose neighbours are found, then the rounds in which they are moved. */
export interface UmapProgress {
  stage: 'neighbours' | 'arrange';
  done: number;
  total: number;
}

/** So many points begin near enough to their places to need half of umap-js's rounds. */
const many = 10_000;
const roundsOfMany = 100;

/**
 * Uniform manifold approximation and projection (McInnes et al. 2018, https://arxiv.org/abs/1802.03426) by umap-js:
 * points that are near each other are so in two dimensions. The same input gives the same map.
 *
 * @returns [points, 2]
 */
export function umap(
  { points, dimensions, neighbours, seed }: UmapInput,
  onProgress: (progress: UmapProgress) => void = () => {},
): Float32Array {
  const total = points.length / dimensions;
  const nNeighbors = Math.min(neighbours, total - 1);
  let done = 0;
  const { places, distances } = nearestNeighbours(points, dimensions, nNeighbors, (some) => {
    done += some;
    onProgress({ stage: 'neighbours', done, total });
  });
  const random = randomFrom(seed, 'umap');
  const projection = new UMAP({ nComponents: 2, nNeighbors, random, ...(total > many && { nEpochs: roundsOfMany }) });
  projection.setPrecomputedKNN(rowsOf(places, nNeighbors), rowsOf(distances, nNeighbors));
  const rounds = projection.initializeFit(rowsOf(points, dimensions));
  // It begins anywhere; from the principal components it comes to the same map sooner, and parts that are far from each
  // other stay so. What it returns are the very points that it moves.
  let farthest = 0;
  for (let i = 0; i < total; i++)
    for (let k = 0; k < 2; k++) farthest = Math.max(farthest, Math.abs(points[i * dimensions + k] ?? 0));
  // Twins that begin in one place would stay there.
  for (const [i, place] of projection.getEmbedding().entries())
    for (let k = 0; k < 2; k++)
      place[k] =
        (10 * (k < dimensions ? (points[i * dimensions + k] ?? 0) : 0)) / (farthest || 1) + 1e-2 * (random() - 0.5);
  for (let round = 0; round < rounds; round++) {
    projection.step();
    onProgress({ stage: 'arrange', done: round + 1, total: rounds });
  }
  return Float32Array.from(projection.getEmbedding().flat());
}

/** The rows of a matrix as umap-js takes them. */
const rowsOf = (matrix: Float64Array | Int32Array, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, i) => Array.from(matrix.subarray(i * width, (i + 1) * width)));
