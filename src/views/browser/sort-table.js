/**
 * Makes the heads of a table sort its rows: up, down, and back to their first order. This script, the table and a
 * paragraph are inside one element, which has in `data-orders`, as JSON, for each column the rows in ascending order
 * (those left out come last), and in `data-note` what the paragraph says once sorting works.
 */
// A block and no listener outside the table: nothing is left behind when the table goes.
{
  const box = /** @type {HTMLElement} */ (document.currentScript?.parentElement);
  /** @type {number[][]} */
  const orders = JSON.parse(box.dataset.orders ?? '[]');
  const body = /** @type {HTMLTableSectionElement} */ (box.querySelector('tbody'));
  const rows = [...body.rows];
  const heads = [...box.querySelectorAll('thead th')];
  /** @type {Record<string, { mark: string, next: string }>} */
  const states = {
    none: { mark: '', next: 'ascending' },
    ascending: { mark: ' ▲', next: 'descending' },
    descending: { mark: ' ▼', next: 'none' },
  };

  /** @param {Element} head @param {string} state */
  const mark = (head, state) => {
    head.setAttribute('aria-sort', state);
    const sign = head.querySelector('small span');
    if (sign) sign.textContent = states[state]?.mark ?? '';
  };

  for (const [column, head] of heads.entries()) {
    const ascending = orders[column] ?? [];
    if (ascending.length === 0) continue;
    const button = document.createElement('button');
    button.style.cssText = 'all:unset;outline:revert;cursor:pointer';
    button.append(...head.childNodes);
    button.lastElementChild?.append(document.createElement('span'));
    head.append(button);
    mark(head, 'none');
    button.onclick = () => {
      const state = states[head.getAttribute('aria-sort') ?? 'none']?.next ?? 'none';
      for (const other of heads) if (other.hasAttribute('aria-sort')) mark(other, 'none');
      mark(head, state);
      const first = state === 'none' ? [] : state === 'ascending' ? ascending : [...ascending].reverse();
      body.replaceChildren(...new Set([...first.flatMap((row) => rows[row] ?? []), ...rows]));
    };
  }
  box.querySelector('p')?.append(box.dataset.note ?? '');
}
