import { Html, html } from '../html.js';

/**
 * Makes the heads of a table sort its rows: up, down, and as they were. It stands in one element with the table and the
 * paragraph below it, and runs where outputs may run scripts (a cell that was executed here, an exported page);
 * elsewhere the table stays as it is.
 *
 * @param orders - For each column the rows of the table's body in ascending order; those left out (blanks) come last.
 * @param note - What the paragraph says once sorting works.
 */
export const sortable = (orders: readonly (readonly number[])[], note: string): Html =>
  html`<script>(${new Html(script)})(${new Html(JSON.stringify(orders))}, ${new Html(JSON.stringify(note))});</script>`;

/** Nothing of it outlives its table: no global name, no listener elsewhere. */
const script = `(orders, note) => {
  const box = document.currentScript.parentElement;
  const [body] = box.querySelector('table').tBodies;
  const rows = [...body.rows];
  const heads = [...box.querySelectorAll('thead th')];
  const marks = { none: '', ascending: ' ▲', descending: ' ▼' };
  const next = { none: 'ascending', ascending: 'descending', descending: 'none' };
  const sorted = (head, to) => {
    head.setAttribute('aria-sort', to);
    head.querySelector('small span').textContent = marks[to];
  };
  heads.forEach((head, column) => {
    if (orders[column].length === 0) return;
    const button = document.createElement('button');
    button.style = 'all:unset;outline:revert;cursor:pointer';
    button.append(...head.childNodes);
    button.lastElementChild.append(document.createElement('span'));
    head.append(button);
    sorted(head, 'none');
    button.onclick = () => {
      const to = next[head.getAttribute('aria-sort')];
      for (const other of heads) if (other.hasAttribute('aria-sort')) sorted(other, 'none');
      sorted(head, to);
      const order = { none: [], ascending: orders[column], descending: [...orders[column]].reverse() }[to];
      body.replaceChildren(...new Set([...order.map((row) => rows[row]), ...rows]));
    };
  });
  box.querySelector('p').append(note);
}`.replace(/\n +/g, '\n');
