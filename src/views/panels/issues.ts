import { type Inspection, type Issue, type IssueKind, kinds } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { count } from '../../work/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { checkLimit } from '../limit.js';
import { card, cardSection, cardSections, itemLine, productName } from './grid.js';

/** How many images of each kind are shown. */
export interface IssuesOptions {
  /** The most of each kind, the worst first (default 6). */
  limit?: number | undefined;
}

interface Section<T extends Item> {
  heading: string;
  issues: readonly Issue<T>[];
}

/** The worst of each kind of which there are some. */
function sectionsOf<T extends Item>(
  { issues, counts }: Inspection<T>,
  { limit = 6 }: IssuesOptions = {},
): Section<T>[] {
  checkLimit(limit);
  return counts
    .filter(({ images }) => images > 0)
    .map(({ kind, images }) => ({
      heading: headingOf(kind, images, limit),
      issues: issues.filter((issue) => issue.kind === kind).slice(0, limit),
    }));
}

const headingOf = (kind: IssueKind, images: number, limit: number): string =>
  `${kinds[kind].title}: ${count(images)}${images > limit ? `, the worst ${count(limit)} shown` : ''}`;

/** The items whose images are shown. */
export const issueItems = <T extends Item>(inspection: Inspection<T>, options?: IssuesOptions): T[] => [
  ...new Set(sectionsOf(inspection, options).flatMap(({ issues }) => issues.map(({ item }) => item))),
];

/**
 * What is wrong with images as HTML: a line about all of them, then a heading for each kind with its worst images, each
 * with its score and what was measured.
 *
 * @example
 * const inspection = await inspect(shoes);
 * issuesHtml(inspection, await readImages(issueItems(inspection), shoes));
 */
export function issuesHtml<T extends Item>(
  inspection: Inspection<T>,
  images: Images<T>,
  options?: IssuesOptions,
): string {
  const sections = sectionsOf(inspection, options).map(({ heading, issues }) =>
    cardSection(
      heading,
      issues.map((issue) =>
        card(issue.item, images.get(issue.item), productName(issue.item), [html`${wordsOf(issue)}`]),
      ),
    ),
  );
  return String(html`<p>${String(inspection)}</p>
${cardSections(sections)}`);
}

/** The same as text for a terminal. */
export function issuesText(inspection: Inspection, options?: IssuesOptions): string {
  const lines = sectionsOf(inspection, options).flatMap(({ heading, issues }) => [
    heading,
    ...issues.map((issue) => itemLine(issue.item, wordsOf(issue))),
  ]);
  return [String(inspection), ...lines].join('\n');
}

const wordsOf = ({ score, words, like }: Issue): string =>
  [...(score < 1 ? [score.toFixed(2)] : []), like === undefined ? words : `the same as ${like.id}`].join(' · ');
