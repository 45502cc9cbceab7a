import { rightness, type Scored } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { countLabels, type MapGroup } from '../charts/index.js';
import { type Columns, column } from '../columns.js';
import { blue, categoryColours, grey, vermilion } from '../palette.js';
import { numberTexts } from '../value-text.js';

/** What the points of a map are coloured by: a column, or whether the model is right about an attribute. */
export type MapColour = string | { readonly right: string };

/** Numbers of more values than this are put into intervals. */
const mostNumbers = categoryColours.length + 1;

/**
 * The colours of a map's points: for a column its six most frequent values, or six intervals of its numbers; others
 * are grey. What is drawn last lies on top: where it is about right and wrong, what is wrong.
 *
 * @throws PipelineError `show.unknownColumn`; `curation.notScored`, `curation.unknownAttribute`.
 */
export function mapGroups<T extends Item>(
  scored: Scored<T>,
  columns: Columns,
  places: readonly number[],
  colour: MapColour | undefined,
): { groups: MapGroup[]; legend: string | undefined } {
  if (colour === undefined) return { groups: [{ name: 'images', colour: blue, places }], legend: undefined };
  if (typeof colour === 'object') {
    const right = rightness(scored, colour.right);
    const of = (is: boolean | undefined) => places.filter((place) => right[place] === is);
    return {
      legend: `${colour.right} predicted`,
      groups: [
        { name: 'no label', colour: grey, places: of(undefined) },
        { name: 'right', colour: blue, places: of(true) },
        { name: 'wrong', colour: vermilion, places: of(false) },
      ].filter((group) => group.places.length > 0),
    };
  }
  const all = column(columns, colour);
  const values = places.map((place) => all[place]);
  const { labels, indices } = intervals(values, colour) ?? countLabels(values, { column: colour, limit: mostNumbers });
  return {
    legend: colour,
    groups: labels.map(({ label }, i) => ({
      name: label,
      colour: categoryColours[i] ?? grey,
      places: places.filter((_, at) => indices[at] === i),
    })),
  };
}

/** Numbers in six intervals with about as many each; undefined where they are few, or not numbers alone. */
function intervals(
  values: readonly unknown[],
  name: string,
): { labels: { label: string }[]; indices: number[] } | undefined {
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (new Set(numbers).size <= mostNumbers || values.some((value) => value !== null && typeof value !== 'number'))
    return undefined;
  const number = categoryColours.length;
  const edges = [
    ...new Set(Array.from({ length: number }, (_, i) => numbers[Math.floor((i * numbers.length) / number)])),
  ];
  const [last] = numbers.slice(-1);
  const texts = numberTexts([...edges, last], name);
  const blank = values.includes(null) ? [{ label: '(blank)' }] : [];
  return {
    labels: [...edges.map((_, i) => ({ label: `${texts[i]} to ${texts[i + 1]}` })), ...blank],
    indices: values.map((value) =>
      typeof value === 'number' ? edges.filter((edge) => (edge ?? 0) <= value).length - 1 : edges.length,
    ),
  };
}
