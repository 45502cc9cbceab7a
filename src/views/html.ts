import { formatOf } from '../image/index.js';
import { visible } from '../work/index.js';

/** A piece of HTML that is safe to put into a page. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Part = Html | readonly Html[] | string | number | undefined;

/**
 * A template that escapes the values put into it, so that they are safe in text and in quoted attributes. Only `Html`
 * is put in unchanged.
 *
 * @example
 * String(html`<td>${'<b>'}</td>`); // '<td>&lt;b&gt;</td>'
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, i) => text + partText(parts[i])).join(''));
}

function partText(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return part instanceof Html ? part.toString() : part.join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for an element or a quoted attribute; what XML cannot hold becomes visible. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character).replace(/(?![\t\n\r])\p{Cc}/gu, visible);

/**
 * An encoded image as a `data:` address, its type read from its first bytes; undefined where these belong to no image
 * format that browsers show.
 */
export function dataUrl(image: Uint8Array): string | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const format = formatOf(bytes);
  const type = format ? format.inBrowsers && format.type : bytes.toString('latin1', 0, 2) === 'BM' && 'image/bmp';
  return type ? `data:${type};base64,${bytes.toString('base64')}` : undefined;
}
