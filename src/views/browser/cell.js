// biome-ignore-all lint/correctness/noUnusedVariables: other scripts use them.
/** What scripts share that give a cell to paste. */

/** A value as one writes it in TypeScript. @param {unknown} value @returns {string} */
const code = (value) => {
  if (Array.isArray(value)) return `[${value.map(code).join(', ')}]`;
  const text = JSON.stringify(value);
  return typeof value === 'string' && !/['\\]/.test(text) ? `'${text.slice(1, -1)}'` : text;
};

/** Copies a text, which the button then says. @param {HTMLElement} button @param {string} text */
async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page may not be allowed to; a selection is copied by every browser.
    const area = document.createElement('textarea');
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus();
  }
  button.dataset.done = 'copied';
  setTimeout(() => delete button.dataset.done, 2000);
}
