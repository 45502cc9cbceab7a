// All stages in one picture: how fast each contender is, the kit being 1, on a logarithmic axis.
import { escapeHtml } from '../../dist/internal.js';
import { groupBy } from './group-by.mjs';
import { svg } from './svg.mjs';

/** @import { Summary } from './summary.mjs' */

const [left, width, rowHeight, top] = [220, 560, 26, 62];
const scale = [-3, -2, -1, 0, 1, 2].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));

/**
 * What each role is called, and its mark at a point, around the mark's title.
 *
 * @type {Record<string, { text: string, mark: (x: number, y: number, title: string) => string }>}
 */
const roles = {
  original: {
    text: 'the original’s way',
    mark: (x, y, title) => `<circle cx="${x}" cy="${y}" r="5.5" fill="var(--original)">${title}</circle>`,
  },
  bound: {
    text: 'the bound',
    mark: (x, y, title) => `<path d="M${x} ${y - 7}l7 7-7 7-7-7z" fill="var(--bound)">${title}</path>`,
  },
  kit: {
    text: 'the kit otherwise',
    mark: (x, y, title) => `<path d="M${x} ${y - 6}l6.5 11h-13z" fill="var(--other)">${title}</path>`,
  },
  today: {
    text: 'what one would pick today',
    mark: (x, y, title) => `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" fill="var(--today)">${title}</rect>`,
  },
};

/** @param {string} role @param {number} x @param {number} y @param {string} title */
const mark = (role, x, y, title) =>
  roles[role]?.mark(Math.round(10 * x) / 10, y, `<title>${escapeHtml(title)}</title>`) ?? '';

/** @param {readonly Summary[]} rows */
export function chart(rows) {
  const compared = rows.flatMap(({ stage, delay, role, contender, ratio }) =>
    ratio ? [{ stage, delay, role, contender, speed: 1 / ratio.median }] : [],
  );
  const speeds = compared.map(({ speed }) => speed);
  const [low, high] = [Math.min(0.4, ...speeds) / 1.3, Math.max(2.5, ...speeds) * 1.3];
  /** @param {number} speed */
  const x = (speed) => left + (width * Math.log(speed / low)) / Math.log(high / low);
  const lines = [...groupBy(compared, ({ stage, delay }) => JSON.stringify([stage, delay])).values()].flatMap(
    (contenders) => contenders.slice(0, 1).map(({ stage, delay }) => ({ stage, delay, contenders })),
  );
  // A stage on the bare emulator and with latency, one below the other.
  const ordered = [...groupBy(lines, ({ stage }) => stage).values()].flat();
  const height = top + ordered.length * rowHeight + 34;
  const bottom = height - 34;
  const parts = [
    ...Object.entries(roles).map(
      ([role, { text }], i) => `${mark(role, 20 + i * 165, 16, text)}<text x="${32 + i * 165}" y="20">${text}</text>`,
    ),
    `<text x="${x(1) - 10}" y="48" text-anchor="end" class="soft">← slower than the kit</text>` +
      `<text x="${x(1) + 10}" y="48" class="soft">faster than the kit →</text>`,
  ];
  let band = false;
  ordered.forEach(({ stage, delay }, i) => {
    const y = top + (i + 0.5) * rowHeight;
    const begins = ordered[i - 1]?.stage !== stage;
    if (begins) band = !band;
    if (band) parts.push(`<rect class="band" x="0" y="${y - rowHeight / 2}" width="100%" height="${rowHeight}"/>`);
    if (begins) parts.push(`<text x="12" y="${y + 4}">${escapeHtml(stage)}</text>`);
    if (delay !== undefined)
      parts.push(
        `<text x="${left - 20}" y="${y + 4}" text-anchor="end" class="soft">${delay ? `+ ${delay} ms` : 'bare'}</text>`,
      );
  });
  for (const value of scale.filter((value) => value >= low && value <= high)) {
    const [line, style, text] =
      value === 1
        ? ['stroke="var(--ink)" stroke-width="2"', 'font-weight="bold"', 'the kit']
        : ['class="line"', 'class="soft"', `${value}×`];
    parts.push(
      `<line x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${bottom}" ${line}/>`,
      `<text x="${x(value)}" y="${bottom + 20}" text-anchor="middle" ${style}>${text}</text>`,
    );
  }
  ordered.forEach(({ contenders }, i) => {
    for (const { role, contender, speed } of contenders) {
      const title = `${contender}: ${speed.toPrecision(2)} times the kit's speed`;
      parts.push(mark(role, x(speed), top + (i + 0.5) * rowHeight, title));
    }
  });
  return svg(left + width + 40, height, parts);
}
