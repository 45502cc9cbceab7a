import { didYouMean, interruptible, PipelineError, type StepOptions, startOver, Tracker } from '../../work/index.js';
import type { Embedded } from '../embedded.js';
import { checkEmbedded } from './check-embedded.js';
import { principal } from './principal.js';
import { umapInThread } from './umap-thread.js';

/** The ways to arrange images in two dimensions. */
const methods = ['pca', 'umap'] as const;

/**
 * How images are arranged in two dimensions.
 *
 * @example
 * const options: ProjectOptions = { method: 'umap', seed: 1 };
 * const { points } = await project(scored, options);
 */
export interface ProjectOptions extends StepOptions {
  /**
   * `pca`: in the two directions in which the embeddings differ most, at once. `umap`: so that images that look alike
   * lie together, which shows groups better; 40,000 take a minute or two. Default `pca`.
   */
  method?: (typeof methods)[number] | undefined;
  /** Of `umap`: the same seed gives the same map; default 0. */
  seed?: number | undefined;
  /** Of `umap`: how many of the images most like it each is kept near to; more show less detail. Default 15. */
  neighbours?: number | undefined;
}

/** Where images lie on a map. */
export interface Projection {
  /** [images, 2], in the order of the items. */
  points: Float32Array;
  method: (typeof methods)[number];
  seed: number;
  /** Of `pca`: the share of the embeddings' variance that the two dimensions have, from 0 to 1. */
  explained?: number | undefined;
}

/** Dimensions in which `umap` looks for neighbours: the embeddings' principal components. */
const reduced = 32;

/**
 * Arranges the images of a scored data set in two dimensions by their embeddings, so that images that look alike are
 * near each other. The same images and seed give the same map. Of 40,000, PCA takes about 2 s; UMAP runs in a thread of
 * its own, about a minute.
 *
 * @throws PipelineError `curation.notScored`, `curation.tooFewImages`, `curation.noEmbeddings`,
 * `curation.mixedEmbeddings`, `curation.unknownMethod`, `curation.badOption`, `curation.mapFailed`, `cell.interrupted`.
 *
 * @example
 * const scored = await pipeline.score(shoes);
 * const { points } = await project(scored);
 * show.scatter(shoes.rows.map((row, i) => ({ ...row, x: points[2 * i], y: points[2 * i + 1] })), 'x', 'y');
 */
export function project(embedded: Embedded, options: ProjectOptions = {}): Promise<Projection> {
  return interruptible(options, startOver, (steps) => projectItems(embedded, { ...options, ...steps }));
}

async function projectItems(
  embedded: Embedded,
  { method = 'pca', seed = 0, neighbours = 15, signal, onProgress }: ProjectOptions,
): Promise<Projection> {
  checkMethod(method);
  checkWhole('seed', seed, Number.MIN_SAFE_INTEGER);
  checkWhole('neighbours', neighbours, 2);
  checkEmbedded(embedded, 'project');
  const { embeddings, dimensions, items } = embedded;
  const tracker = new Tracker('project', 'images', items.length, onProgress);
  const done = (rows: number) => tracker.tick(rows);
  const count = method === 'pca' ? 2 : Math.min(reduced, dimensions);
  const { coordinates, shares } = await principal(embeddings, dimensions, count, { signal, done });
  tracker.tick(items.length - tracker.done);
  tracker.end();
  if (method === 'pca')
    return { points: Float32Array.from(coordinates), method, seed, explained: (shares[0] ?? 0) + (shares[1] ?? 0) };
  const input = { points: coordinates, dimensions: count, neighbours, seed };
  return { points: await umapInThread(input, { signal, onProgress }), method, seed };
}

function checkMethod(method: string): void {
  if ((methods as readonly string[]).includes(method)) return;
  throw new PipelineError(
    'curation.unknownMethod',
    `There is no method '${method}' to arrange images.${didYouMean(method, methods)} ` +
      `The methods are ${methods.join(', ')}.`,
    { value: method },
  );
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new PipelineError(
    'curation.badOption',
    `${name} is ${value}; give a whole number${least > 0 ? ` of at least ${least}` : ''}.`,
    { value },
  );
}
