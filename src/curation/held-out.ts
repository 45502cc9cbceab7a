import type { Item } from '../model/index.js';
import { PipelineError } from '../work/index.js';
import { checkScored } from './check-scored.js';
import type { Scored } from './scored.js';

/**
 * A scored data set with only those images that the model was not trained on, on which it does as well as on new ones.
 *
 * @throws PipelineError `curation.trainingUnknown` where the model's card does not say which images it was trained on;
 * `curation.notScored` where it is given anything else.
 *
 * @example
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * console.log(suspectLabels(heldOut(scored), { limit: 20 }));
 */
export function heldOut<T extends Item>(scored: Scored<T>): Scored<T> {
  checkScored(scored, 'heldOut');
  const { trainedOn, model } = scored;
  if (trainedOn)
    return some(
      scored,
      placesOf(scored).filter((i) => trainedOn[i] !== true),
    );
  throw new PipelineError(
    'curation.trainingUnknown',
    `The model '${model.name}' does not say which images it was trained on. Score images that you know it was not ` +
      "trained on, or name the file that lists the others in its pipeline.json, as 'trainedOn'.",
    { value: model.name },
  );
}

/** The places of the items of a scored data set. */
export const placesOf = ({ items }: Scored): number[] => [...items.keys()];

/** The items of a scored data set at some places, in their order. */
export function some<T extends Item>(scored: Scored<T>, places: readonly number[]): Scored<T> {
  const of = <V>(values: readonly V[]) => places.flatMap((i) => values.slice(i, i + 1));
  const rowsOf = (matrix: Float32Array, width: number) => {
    const rows = new Float32Array(places.length * width);
    places.forEach((from, to) => rows.set(matrix.subarray(from * width, (from + 1) * width), to * width));
    return rows;
  };
  const { model, dimensions } = scored;
  return {
    ...scored,
    items: of(scored.items),
    md5s: of(scored.md5s),
    predictions: of(scored.predictions),
    trainedOn: scored.trainedOn && of(scored.trainedOn),
    scores: Object.fromEntries(
      model.attributes.map(({ name, labels }) => [
        name,
        rowsOf(scored.scores[name] ?? new Float32Array(), labels.length),
      ]),
    ),
    embeddings: rowsOf(scored.embeddings, dimensions),
    lengths: rowsOf(scored.lengths, 1),
  };
}
