import type { AttributeComparison, Disagreement, ModelComparison, Right, Said } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { count, didYouMean, PipelineError, percent } from '../../work/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { checkLimit } from '../limit.js';
import { card, cardSection, cardSections, itemLine, productName } from './grid.js';
import { tableHtml, tableText } from './table.js';

/** Of which attribute images are shown, and how many. */
export interface ModelsOptions {
  /** Default: the one about which the models differ most. */
  attribute?: string | undefined;
  /** The most images of each group, what both are surest of first (default 6). */
  limit?: number | undefined;
}

/** How many labels are shown at most, the most frequent first. */
const mostClasses = 20;

/** Images about which two models differ in the same way. */
interface Section<T extends Item> {
  heading: string;
  differ: readonly Disagreement<T>[];
}

function shownAttribute<T extends Item>(
  { attributes }: ModelComparison<T>,
  { attribute: name, limit = 6 }: ModelsOptions = {},
): AttributeComparison<T> & { limit: number } {
  checkLimit(limit);
  const [worst] = [...attributes].sort((a, b) => a.agreement - b.agreement);
  const found = name === undefined ? worst : attributes.find(({ attribute }) => attribute === name);
  if (found) return { ...found, limit };
  const names = attributes.map(({ attribute }) => attribute);
  throw new PipelineError(
    'show.unknownAttribute',
    `The comparison has no attribute '${name}'.${didYouMean(name ?? '', names)} It has ${names.join(', ')}.`,
    { value: name },
  );
}

function sectionsOf<T extends Item>(comparison: ModelComparison<T>, options?: ModelsOptions): Section<T>[] {
  const { attribute, differ, limit } = shownAttribute(comparison, options);
  const titles: readonly [Right | undefined, string][] = [
    ['first', `only ${comparison.first} is right`],
    ['second', `only ${comparison.second} is right`],
    ['neither', 'neither is right'],
    [undefined, 'they have no label'],
  ];
  return titles.flatMap(([right, title]) => {
    const ones = differ.filter((one) => one.right === right);
    if (ones.length === 0) return [];
    const cut = ones.length > limit ? `, ${count(limit)} shown` : '';
    return [{ heading: `${attribute}: ${title}, ${count(ones.length)}${cut}`, differ: ones.slice(0, limit) }];
  });
}

/** The items whose images are shown. */
export const modelsItems = <T extends Item>(comparison: ModelComparison<T>, options?: ModelsOptions): T[] =>
  sectionsOf(comparison, options).flatMap(({ differ }) => differ.map(({ item }) => item));

/**
 * Two models side by side as HTML: how often they agree and are right, a line for each attribute; of one attribute the
 * classes, and images about which they differ.
 *
 * @example
 * const comparison = compareModels(scored, await pipeline.score(shoes, model));
 * modelsHtml(comparison, await readImages(modelsItems(comparison), shoes));
 */
export function modelsHtml<T extends Item>(
  comparison: ModelComparison<T>,
  images: Images<T>,
  options?: ModelsOptions,
): string {
  const { first, second } = comparison;
  const [about = ''] = String(comparison).split('\n');
  const { attribute, classes } = shownAttribute(comparison, options);
  const sections = sectionsOf(comparison, options).map(({ heading, differ }) =>
    cardSection(
      heading,
      differ.map((one) =>
        card(one.item, images.get(one.item), productName(one.item), [
          ...(one.given === undefined ? [] : [html`<span style="opacity:0.65">given</span> ${one.given}`]),
          html`<span style="opacity:0.65">${first}</span> ${saidText(one.first)}`,
          html`<span style="opacity:0.65">${second}</span> ${saidText(one.second)}`,
        ]),
      ),
    ),
  );
  const rows = classes.slice(0, mostClasses).map(({ label, ...others }) => ({ [attribute]: label, ...others }));
  const cut =
    classes.length > rows.length ? html`<p>The ${rows.length} most frequent of ${classes.length} labels:</p>` : '';
  return (
    String(html`<p>${about}</p>`) +
    tableHtml(comparison.table(), { limit: 100 }) +
    (rows.length > 0 ? cut + tableHtml(rows, { limit: mostClasses }) : '') +
    String(cardSections(sections))
  );
}

/** The same as text for a terminal. */
export function modelsText(comparison: ModelComparison, options?: ModelsOptions): string {
  const lines = sectionsOf(comparison, options).flatMap(({ heading, differ }) => [
    heading,
    ...differ.map(({ item, first, second }) => itemLine(item, `${saidText(first)} | ${saidText(second)}`)),
  ]);
  const [about = ''] = String(comparison).split('\n');
  return [about, tableText(comparison.table(), { limit: 100, width: process.stdout.columns }), ...lines].join('\n');
}

const saidText = ({ label, confidence }: Said): string => `${label} ${percent(confidence, 0)}`;
