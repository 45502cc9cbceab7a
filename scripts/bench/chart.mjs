// All stages in one picture: how fast each contender is, the kit being 1, on a logarithmic axis.
import { escapeHtml } from '../../dist/internal.js';
import { groupBy } from './group-by.mjs';
import { svg } from './svg.mjs';

const [left, width, rowHeight, top] = [220, 560, 26, 62];
const scale = [-3, -2, -1, 0, 1, 2].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
const roles = {
  original: 'the original’s way',
  bound: 'the bound',
  kit: 'the kit otherwise',
  today: 'what one would pick today',
};
const shapes = {
  original: (x, y) => `<circle cx="${x}" cy="${y}" r="5.5" fill="var(--original)">`,
  today: (x, y) => `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" fill="var(--today)">`,
  bound: (x, y) => `<path d="M${x} ${y - 7}l7 7-7 7-7-7z" fill="var(--bound)">`,
  kit: (x, y) => `<path d="M${x} ${y - 6}l6.5 11h-13z" fill="var(--other)">`,
};
const ends = { original: '</circle>', today: '</rect>', bound: '</path>', kit: '</path>' };
const mark = (role, x, y, title) => `${shapes[role](x.toFixed(1), y)}<title>${escapeHtml(title)}</title>${ends[role]}`;

/** `rows` as `summarise` gives them. */
export function chart(rows) {
  const compared = rows.filter(({ ratio }) => ratio);
  const speeds = compared.map(({ ratio }) => 1 / ratio.median);
  const [low, high] = [Math.min(0.4, ...speeds) / 1.3, Math.max(2.5, ...speeds) * 1.3];
  const x = (speed) => left + (width * Math.log(speed / low)) / Math.log(high / low);
  const lines = [...groupBy(compared, ({ stage, delay }) => JSON.stringify([stage, delay ?? null]))].map(
    ([key, contenders]) => [...JSON.parse(key), contenders],
  );
  // A stage on the bare emulator and with latency, one below the other.
  const ordered = [...groupBy(lines, ([stage]) => stage).values()].flat();
  const height = top + ordered.length * rowHeight + 34;
  const bottom = height - 34;
  const parts = [
    ...Object.entries(roles).map(
      ([role, text], i) => `${mark(role, 20 + i * 165, 16, text)}<text x="${32 + i * 165}" y="20">${text}</text>`,
    ),
    `<text x="${x(1) - 10}" y="48" text-anchor="end" class="soft">← slower than the kit</text><text ` +
      `x="${x(1) + 10}" y="48" class="soft">faster than the kit →</text>`,
  ];
  let band = false;
  ordered.forEach(([stage, delay], i) => {
    const y = top + (i + 0.5) * rowHeight;
    const begins = ordered[i - 1]?.[0] !== stage;
    if (begins) band = !band;
    if (band) parts.push(`<rect class="band" x="0" y="${y - rowHeight / 2}" width="100%" height="${rowHeight}"/>`);
    if (begins) parts.push(`<text x="12" y="${y + 4}">${escapeHtml(stage)}</text>`);
    if (delay !== null)
      parts.push(
        `<text x="${left - 20}" y="${y + 4}" text-anchor="end" class="soft">${delay ? `+ ${delay} ms` : 'bare'}</text>`,
      );
  });
  for (const value of scale.filter((value) => value >= low && value <= high)) {
    parts.push(
      `<line x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${bottom}" ` +
        `${value === 1 ? 'stroke="var(--ink)" stroke-width="2"' : 'class="line"'}/>`,
    );
    parts.push(
      `<text x="${x(value)}" y="${bottom + 20}" ` +
        `text-anchor="middle"${value === 1 ? ' font-weight="bold"' : ' class="soft"'}>${value === 1 ? 'the kit' : `${value}×`}</text>`,
    );
  }
  ordered.forEach(([, , contenders], i) => {
    for (const { role, contender, ratio } of contenders)
      parts.push(
        mark(
          role,
          x(1 / ratio.median),
          top + (i + 0.5) * rowHeight,
          `${contender}: ${(1 / ratio.median).toPrecision(2)} times the kit's speed`,
        ),
      );
  });
  return svg(left + width + 40, height, parts);
}
