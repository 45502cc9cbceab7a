import { type Figure, barsOf } from './figure.js';
import { cut } from './columns.js';
import { escapeHtml } from './html.js';

/**
 * The chart as a still picture: what a code host, an exported page or a browser without scripts shows in place of the
 * interactive one.
 *
 * @example
 * figureSvg(barFigure(dataset.metadata, 'season'));
 */
export function figureSvg(figure: Figure): string {
  const { title, bars } = barsOf(figure);
  const { width, height, font } = figure.layout;
  const marks = figure.data[0].orientation === 'h' ? rows(figure) : columns(figure);
  const alt = escapeHtml(`${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" \
aria-label="${alt}" font-family="${font.family}" font-size="${font.size}" fill="${font.color}">
<text x="6" y="22" font-size="${figure.layout.title.font.size}">${escapeHtml(title)}</text>
${marks.join('\n')}
</svg>`;
}

/** About the width of a character at the charts' font size, in pixels. */
const characterWidth = 6.8;
const longestLabel = 28;

function rows(figure: Figure): string[] {
  const { bars } = barsOf(figure);
  const { width, height, margin, bargap } = figure.layout;
  const left = 14 + characterWidth * Math.min(longestLabel, Math.max(0, ...bars.map(({ label }) => label.length)));
  const pitch = (height - margin.t - margin.b) / Math.max(1, bars.length);
  const scale = (width - left - margin.r) / Math.max(1, ...bars.map(({ n }) => n));
  return bars.map(({ label, n, text }, i) => {
    const middle = margin.t + (i + 0.5) * pitch;
    const baseline = round(middle + 4);
    return (
      `<text x="${round(left - 6)}" y="${baseline}" text-anchor="end">${escapeHtml(cut(label, longestLabel))}</text>` +
      bar(figure, left, middle - (pitch * (1 - bargap)) / 2, n * scale, pitch * (1 - bargap)) +
      `<text x="${round(left + n * scale + 4)}" y="${baseline}">${text}</text>`
    );
  });
}

function columns(figure: Figure): string[] {
  const { bars } = barsOf(figure);
  const { width, height, margin, bargap } = figure.layout;
  const pitch = (width - 2 * margin.l) / Math.max(1, bars.length);
  const bottom = height - margin.b;
  const scale = (bottom - margin.t - 14) / Math.max(1, ...bars.map(({ n }) => n));
  const labelWidth = 10 + characterWidth * Math.max(0, ...bars.map(({ label }) => label.length));
  const every = Math.ceil(labelWidth / pitch);
  return bars.map(({ label, n, text }, i) => {
    const middle = round(margin.l + (i + 0.5) * pitch);
    const mark = bar(figure, middle - (pitch * (1 - bargap)) / 2, bottom - n * scale, pitch * (1 - bargap), n * scale);
    const above = figure.data[0].textposition === 'none' ? '' : `<text x="${middle}" y="${round(bottom - n * scale - 4)}" text-anchor="middle">${text}</text>`;
    const below = i % every > 0 ? '' : `<text x="${middle}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(label)}</text>`;
    return mark + above + below;
  });
}

const bar = (figure: Figure, x: number, y: number, width: number, height: number): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${figure.data[0].marker.color}"/>`;

const round = (number: number): number => Math.round(number * 10) / 10;
