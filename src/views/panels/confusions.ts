import type { Evaluation } from '../../curation/index.js';
import type { AttributeEvaluation, Item } from '../../model/index.js';
import { count, didYouMean, PipelineError } from '../../work/index.js';
import type { Images } from '../images.js';
import { card, cardSection, cardSections, itemLine, productName } from './grid.js';

/** A label that is often confused with another, with some of the items. */
export interface WorstConfusion<T extends Item = Item> {
  given: string;
  predicted: string;
  /** How many items with the label given have this prediction. */
  count: number;
  /** How many items have the label given. */
  of: number;
  /** Those with the most confident predictions first. */
  items: readonly T[];
}

/**
 * The most frequent confusions of an attribute.
 *
 * @param limit - How many confusions at most (default 6).
 * @param images - How many items of each at most (default 6).
 * @throws PipelineError `show.unknownAttribute`
 *
 * @example
 * const scored = await score(await loadModel(), shoes.rows, { data: (row) => shoes.image(row) });
 * const [worst] = worstConfusions(evaluate(scored), 'articleType', { limit: 1 });
 */
export function worstConfusions<T extends Item>(
  evaluation: Evaluation<T>,
  attribute: string,
  { limit = 6, images = 6 }: { limit?: number; images?: number } = {},
): WorstConfusion<T>[] {
  const { confusions, labels, confusion } = findAttribute(evaluation, attribute);
  return confusions.slice(0, limit).map(({ given, predicted, images: indices }) => ({
    given,
    predicted,
    count: indices.length,
    of: (confusion[labels.indexOf(given)] ?? []).reduce((a, b) => a + b, 0),
    items: indices.slice(0, images).flatMap((index) => evaluation.items[index] ?? []),
  }));
}

/**
 * One attribute of an evaluation, by its name; an attribute's own evaluation is returned as it is.
 *
 * @throws PipelineError `show.unknownAttribute`
 */
export function findAttribute(
  evaluation: Pick<Evaluation, 'attributes'> | AttributeEvaluation,
  name?: string,
): AttributeEvaluation {
  if ('confusion' in evaluation) return evaluation;
  const found = evaluation.attributes.find(({ attribute }) => attribute === name);
  if (found) return found;
  const names = evaluation.attributes.map(({ attribute }) => attribute);
  const hint = didYouMean(name ?? '', names) || ` The attributes are ${names.join(', ')}.`;
  throw new PipelineError(
    'show.unknownAttribute',
    name === undefined ? `An attribute must be named.${hint}` : `The evaluation has no attribute '${name}'.${hint}`,
    { value: name },
  );
}

/**
 * Confusions as HTML: a heading for each, and the images of its items below.
 *
 * @example
 * const worst = worstConfusions(evaluate(scored), 'articleType');
 * confusionsHtml(worst, await readImages(worst.flatMap(({ items }) => items), shoes));
 */
export function confusionsHtml<T extends Item>(confusions: readonly WorstConfusion<T>[], images: Images<T>): string {
  if (confusions.length === 0) return `<p>${noConfusions}</p>`;
  const sections = confusions.map((confusion) =>
    cardSection(
      heading(confusion),
      confusion.items.map((item) => card(item, images.get(item), productName(item))),
    ),
  );
  return String(cardSections(sections));
}

/** Confusions as text for a terminal. */
export function confusionsText(confusions: readonly WorstConfusion[]): string {
  if (confusions.length === 0) return noConfusions;
  return confusions
    .flatMap((confusion) => [heading(confusion), ...confusion.items.map((item) => itemLine(item))])
    .join('\n');
}

const noConfusions = 'No label was taken for another.';

const heading = (confusion: WorstConfusion): string =>
  `${confusion.given} taken for ${confusion.predicted}, ${count(confusion.count)} of ${count(confusion.of)}`;
