import { card, cardGrid } from './grid.js';
import { Html, html } from './html.js';

/** A self-contained HTML page: its title as the heading, then what it shows. `more` styles follow the common ones. */
export const page = (title: string, body: Html, more = ''): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${new Html(styles + more)}</style></head>
<body><h1>${title}</h1>
${body}
</body></html>
`;

/** An image with what is written below it, the first line in bold. */
export interface CaptionedImage {
  id: number;
  /** The encoded image. */
  data: Uint8Array;
  caption: readonly string[];
}

/** Images under a heading. */
export interface ImageGroup {
  title: string;
  images: readonly CaptionedImage[];
}

/**
 * Groups of images to go through, on one page that opens without a network.
 *
 * @example
 * const image = { id: 15970, data: await source.image(15970), caption: ['Navy Blue → Black', 'baseColour, 93%'] };
 * await writeFile('out/suspects.html', imagePage('Suspect labels', '1 suspect', [{ title: 'baseColour', images: [image] }]));
 */
export const imagePage = (title: string, about: string, groups: readonly ImageGroup[]): string =>
  String(page(title, html`<p>${about}</p>\n${groups.map((group) => html`<h3>${group.title}</h3>\n${captionedGrid(group.images)}\n`)}`));

/** Images side by side, each with its caption. */
export const captionedGrid = (images: readonly CaptionedImage[]): Html => cardGrid(150, images.map(({ id, data, caption }) => card(id, data, caption.join(', '), caption)));

const styles = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-top: 1px solid #8886; padding-top: 1.5rem; }
h3 { margin-top: 2rem; }
table { border-collapse: collapse; }
`;
