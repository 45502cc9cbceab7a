import { Dataset } from '../../dataset/index.js';
import type { Item } from '../../model/index.js';
import { interruptible, PipelineError, type StepOptions, startOver } from '../../work/index.js';
import { checkScored } from '../check-scored.js';
import { decisionsOf } from '../decisions.js';
import type { Scored } from '../scored.js';
import { columnsOf } from './columns.js';
import { distanceOf, intervals } from './distribution.js';
import { imagesOf } from './images.js';
import { Drift, type FieldDrift } from './result.js';

/**
 * What is compared.
 *
 * @example
 * const options: DriftOptions = { limit: 50 };
 * const found = await drift(await pipeline.score(shoes), await pipeline.score(inferred), options);
 */
export interface DriftOptions extends StepOptions {
  /** How many of the strangest images at most (default 20). */
  limit?: number | undefined;
}

/** A data set, of which only the columns are compared, or what a model says of one. */
type Given<T extends Item> = Scored<T> | Dataset;

/**
 * How far what came after is from what was there before: the shares of each column's values and the confidences of the
 * model (Jensen-Shannon divergence, beside what chance alone would do), the embeddings, and the images that are least
 * like any before. Of data sets that were not scored, the columns alone.
 *
 * @throws PipelineError `drift.tooFew` where either has fewer than three images, `drift.otherModel` where they were
 * scored by two models, `curation.notScored`, `cell.interrupted`.
 *
 * @example
 * const autumn = await pipeline.score(shoes.where({ season: 'Fall' }));
 * const summer = await pipeline.score(shoes.where({ season: 'Summer' }));
 * const found = await drift(autumn, summer);
 * console.log(String(found), found.columns[0]);
 * await show.drift(found, shoes);
 */
export function drift<T extends Item>(
  before: Given<T>,
  after: Given<T>,
  options: DriftOptions = {},
): Promise<Drift<T>> {
  return interruptible(options, startOver, async (steps) => {
    const [a, b] = [checked(before), checked(after)];
    const columns = columnsOf(a.items, b.items);
    if (!a.scored || !b.scored)
      return new Drift({ before: a.items.length, after: b.items.length, ...columns, confidences: [] });
    const [first, second] = [a.scored.model, b.scored.model];
    if (first.fingerprint !== second.fingerprint)
      throw new PipelineError(
        'drift.otherModel',
        `The two were scored by two models, '${first.name}' and '${second.name}', whose embeddings have nothing in ` +
          'common. Score both with one model.',
        { value: second.name },
      );
    const { limit = 20 } = options;
    return new Drift({
      before: a.items.length,
      after: b.items.length,
      ...columns,
      confidences: confidencesOf(a.scored, b.scored),
      embeddings: await imagesOf(a.scored, b.scored, { limit, ...steps }),
    });
  });
}

const fewest = 3;

function checked<T extends Item>(given: Given<T>): { items: readonly T[]; scored?: Scored<T> } {
  const isDataset = given instanceof Dataset;
  if (!isDataset) checkScored(given, 'drift');
  const items = isDataset ? (given.rows as unknown as readonly T[]) : given.items;
  if (items.length < fewest)
    throw new PipelineError(
      'drift.tooFew',
      `One of the two has ${items.length} images; at least ${fewest} are needed to compare them.`,
      { value: items.length },
    );
  return isDataset ? { items } : { items, scored: given };
}

/** How sure the model is of each attribute, before and after. */
function confidencesOf(before: Scored, after: Scored): FieldDrift[] {
  const surest = ({ items, scores, model }: Scored) =>
    decisionsOf({ items, scores }, model.attributes).map(({ name, labels, scores }) => ({
      name,
      values: items.map((_, i) =>
        scores.subarray(i * labels.length, (i + 1) * labels.length).reduce((a, b) => Math.max(a, b), 0),
      ),
    }));
  const later = new Map(surest(after).map(({ name, values }) => [name, values]));
  return surest(before)
    .map(({ name, values }) => {
      const interval = intervals(values);
      return { field: name, ...distanceOf(values.map(interval), (later.get(name) ?? []).map(interval)) };
    })
    .sort((a, b) => b.distance - a.distance);
}
