import { Html, html } from '../html.js';

/** A self-contained HTML page: the title as its heading, then the body. `more` is CSS that follows the common one. */
export const page = (title: string, body: Html, more = ''): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${new Html(styles + more)}</style></head>
<body><h1>${title}</h1>
${body}
</body></html>
`;

/**
 * Images, as `suspectsHtml` and the other panels return them, on one page that opens without a network.
 *
 * @param about - A sentence below the title, as text.
 * @param images - As HTML.
 *
 * @example
 * const suspects = suspectLabels(scored, { limit: 12 });
 * const images = await readImages(suspects.map(({ item }) => item), shoes);
 * await writeFile('suspects.html', imagePage('Suspect labels', '12 labels', suspectsHtml(suspects, images)));
 */
export const imagePage = (title: string, about: string, images: string): string =>
  String(page(title, html`<p>${about}</p>\n${new Html(images)}\n`));

const styles = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-top: 1px solid #8886; padding-top: 1.5rem; }
h3 { margin-top: 2rem; }
table { border-collapse: collapse; }
th, td { padding: 2px 8px; }
`;
