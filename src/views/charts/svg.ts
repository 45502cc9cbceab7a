import { escapeHtml } from '../html.js';
import { plainText, type Shape } from './figure.js';

/** Which point of a text lies at its coordinates. */
type Anchor = 'start' | 'middle' | 'end';

/** A line of text; `more` are further attributes. */
export function write(x: number, y: number, text: string, anchor: Anchor = 'start', more = ''): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}"${anchored}${more}>${escapeHtml(text)}</text>`;
}

/** The attribute that turns a text around a point. */
export const turned = (degrees: number, x: number, y: number): string =>
  ` transform="rotate(${degrees} ${round(x)} ${round(y)})"`;

export const rect = (x: number, y: number, width: number, height: number, more: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ${more}/>`;

export const line = (x1: number, y1: number, x2: number, y2: number, more: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${more}/>`;

/** The attributes of a line's look. */
export const stroke = ({ color, width, dash }: Shape['line']): string =>
  `stroke="${color}" stroke-width="${width}"${dash === undefined ? '' : ' stroke-dasharray="2 3"'}`;

/** Marks that show a text, Plotly's, while the pointer is on them. */
export const titled = (title = '', marks: string): string =>
  `<g><title>${escapeHtml(plainText(title))}</title>${marks}</g>`;

/** To a tenth of a pixel. */
export const round = (number: number): number => Math.round(number * 10) / 10;
