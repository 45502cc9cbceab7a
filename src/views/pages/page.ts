import { Html, html } from '../html.js';

/** A self-contained HTML page: its title as the heading, then what it shows. `more` styles follow the common ones. */
export const page = (title: string, body: Html, more = ''): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${new Html(styles + more)}</style></head>
<body><h1>${title}</h1>
${body}
</body></html>
`;

/**
 * Images to go through, such as suspectsHtml gives them, on one page that opens without a network.
 *
 * @example
 * await writeFile('out/suspects.html', imagePage('Suspect labels', '12 labels', suspectsHtml(suspects, images)));
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
