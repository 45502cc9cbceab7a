import type { Item } from '../../model/index.js';
import { grouped, PipelineError } from '../../work/index.js';
import { checkScored } from '../check-scored.js';
import { type Decision, decisionsOf } from '../decisions.js';
import { some } from '../held-out.js';
import type { Scored } from '../scored.js';
import { type AttributeComparison, type Disagreement, ModelComparison, type Right, type Said } from './comparison.js';
import { mcnemar } from './mcnemar.js';

/**
 * Compares what two models say of the same images: how often they agree, which is right where they differ, with
 * McNemar's test, by attribute and class. Images that either was trained on are left out, where both models say which
 * and some are left. Only attributes that both predict are compared.
 *
 * @throws PipelineError `compare.noImages` where fewer than three images are in both, `compare.noAttribute` where the
 * models have no attribute in common, `curation.notScored`.
 *
 * @example
 * const before = await pipeline.score(shoes);
 * const after = await pipeline.score(shoes, await loadModel('out/my-model'));
 * const comparison = compareModels(before, after);
 * console.log(String(comparison));
 * await show.models(comparison, shoes);
 */
export function compareModels<T extends Item>(first: Scored<T>, second: Scored<T>): ModelComparison<T> {
  for (const scored of [first, second]) checkScored(scored, 'compareModels');
  const { a, b, heldOut } = matched(first, second);
  const names = first.model.attributes
    .map(({ name }) => name)
    .filter((name) => second.model.attributes.some((other) => other.name === name));
  if (names.length === 0) {
    const all = ({ model }: Scored) => model.attributes.map(({ name }) => name).join(', ');
    throw new PipelineError(
      'compare.noAttribute',
      `The models have no attribute in common: ${first.model.name} predicts ${all(first)}; ${second.model.name} ` +
        `${all(second)}.`,
    );
  }
  const of = ({ items, scores, model }: Scored<T>) =>
    new Map(
      decisionsOf(
        { items, scores },
        model.attributes.filter(({ name }) => names.includes(name)),
      ).map((one) => [one.name, one]),
    );
  const [ofA, ofB] = [of(a), of(b)];
  const attributes = [...ofA].flatMap(([name, decision]) => {
    const other = ofB.get(name);
    return other ? [comparisonOf(a.items, decision, other)] : [];
  });
  return new ModelComparison(first.model.name, second.model.name, a.items, attributes, heldOut);
}

/** What both have scored, in the same order. */
function matched<T extends Item>(first: Scored<T>, second: Scored<T>) {
  const places = new Map(second.items.map((item, place) => [keyOf(item), place]));
  const pairs = first.items.flatMap((item, place) => {
    const other = places.get(keyOf(item));
    return other === undefined ? [] : [{ place, other }];
  });
  if (pairs.length < 3)
    throw new PipelineError(
      'compare.noImages',
      `${pairs.length} images are in both of what is compared; at least 3 are needed. Score the same data set with ` +
        'both models.',
      { value: pairs.length },
    );
  const isNew = ({ place, other }: (typeof pairs)[number]) => !first.trainedOn?.[place] && !second.trainedOn?.[other];
  const says = first.trainedOn !== undefined && second.trainedOn !== undefined;
  const fresh = says ? pairs.filter(isNew) : [];
  const used = fresh.length > 0 ? fresh : pairs;
  return {
    a: some(
      first,
      used.map(({ place }) => place),
    ),
    b: some(
      second,
      used.map(({ other }) => other),
    ),
    heldOut: says ? fresh.length > 0 : undefined,
  };
}

/** An image by its item's id and, of augmented ones, the variant. */
const keyOf = (item: Item): string => JSON.stringify([item.id, Reflect.get(item, 'variant') ?? null]);

interface Compared<T extends Item> extends Disagreement<T> {
  agree: boolean;
}

function comparisonOf<T extends Item>(items: readonly T[], a: Decision, b: Decision): AttributeComparison<T> {
  const compared = items.map((item, place): Compared<T> => {
    const [first, second] = [said(a, place), said(b, place)];
    const given = a.given[place];
    const right = given === undefined ? undefined : rightOf(given === first.label, given === second.label);
    return { item, attribute: a.name, first, second, agree: first.label === second.label, given, right };
  });
  const labelled = compared.filter(({ given }) => given !== undefined);
  const right = { both: 0, first: 0, second: 0, neither: 0 };
  for (const one of labelled) if (one.right) right[one.right]++;
  return {
    attribute: a.name,
    images: items.length,
    agreement: share(compared, ({ agree }) => agree),
    labelled: labelled.length,
    right,
    ...rightShares(labelled),
    p: mcnemar(right.first, right.second),
    classes: [...grouped(labelled, ({ given }) => given ?? '')]
      .map(([label, ones]) => ({
        label,
        images: ones.length,
        agreement: share(ones, ({ agree }) => agree),
        ...rightShares(ones),
      }))
      .sort((x, y) => y.images - x.images),
    differ: compared
      .filter(({ agree }) => !agree)
      .map(({ agree: _, ...one }) => one)
      .sort((x, y) => surety(y) - surety(x)),
  };
}

const surety = ({ first, second }: Disagreement): number => Math.min(first.confidence, second.confidence);

const share = <V>(values: readonly V[], holds: (value: V) => boolean): number =>
  values.length === 0 ? 0 : values.filter(holds).length / values.length;

const rightShares = (ones: readonly Disagreement[]) => ({
  first: share(ones, ({ right }) => right === 'both' || right === 'first'),
  second: share(ones, ({ right }) => right === 'both' || right === 'second'),
});

const rightOf = (first: boolean, second: boolean): Right =>
  first ? (second ? 'both' : 'first') : second ? 'second' : 'neither';

function said({ labels, scores }: Decision, place: number): Said {
  const row = scores.subarray(place * labels.length, (place + 1) * labels.length);
  const confidence = row.reduce((a, b) => Math.max(a, b), 0);
  return { label: labels[row.indexOf(confidence)] ?? '', confidence };
}
