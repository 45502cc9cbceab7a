/**
 * Makes a review answer: keys and buttons decide about one card after the other, and what was decided comes out as a
 * cell and as a file. This script is the last thing inside the element of the review, which has the questions as JSON
 * in a script element, a card for each, and `data-key`, a digest of them, under which what was decided is kept.
 *
 * @typedef {{ id: number | string, field?: string, part?: string, now: unknown, proposal: string | null,
 *   type: string }} Question
 *   `part` is one of several labels that may hold at once.
 * @typedef {'keep' | 'accept' | 'out' | { to: string }} Decision
 */
// A block and no listener outside the review: nothing is left behind when it goes.
{
  const box = /** @type {HTMLElement} */ (document.currentScript?.parentElement);
  /** @param {string} name @returns {HTMLElement} */
  const part = (name) => /** @type {HTMLElement} */ (box.querySelector(`.mlr-${name}`));
  /** @type {{ questions: Question[], file: object, reason: string }} */
  const { questions, file, reason } = JSON.parse(box.querySelector('script')?.textContent ?? '{}');
  const cards = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('.mlr-card')]);
  const key = `ml-pipeline review ${box.dataset.key}`;

  /** What was decided, in the order in which it was: the last one about a card holds. @type {[number, Decision][]} */
  let decisions = [];
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '[]');
    decisions = kept.filter((/** @type {[number, Decision]} */ [card]) => card < questions.length);
  } catch {
    // Not every page may keep something; then a reload begins again.
  }
  /** @returns {Map<number, Decision>} */
  const decided = () => new Map(decisions);
  let current = Math.max(0, next(-1));

  /** The first card after this one that nothing is decided about; else the first of all, or -1. @param {number} from */
  function next(from) {
    const known = decided();
    const open = questions.flatMap((_, card) => (known.has(card) ? [] : [card]));
    return open.find((card) => card > from) ?? open[0] ?? -1;
  }

  /** @param {number} card @param {Decision} decision */
  function decide(card, decision) {
    const { field, proposal } = questions[card] ?? { proposal: null };
    if (decision === 'accept' && proposal === null) decision = 'keep';
    else if (decision === 'accept' && field === undefined) decision = 'out';
    decisions.push([card, decision]);
    changed(card);
    const after = next(card);
    if (after >= 0) select(after);
    else part('status').focus();
  }

  function undo() {
    const [last] = decisions.pop() ?? [];
    if (last === undefined) return;
    changed(last);
    select(last);
  }

  /** @param {number} card */
  function select(card, focus = true) {
    cards[current]?.setAttribute('tabindex', '-1');
    current = card;
    cards[current]?.setAttribute('tabindex', '0');
    if (focus) cards[current]?.focus();
    cards[current]?.scrollIntoView({ block: 'nearest' });
  }

  /** Shows what is decided about a card, keeps it, and counts. @param {number} card */
  function changed(card) {
    try {
      localStorage.setItem(key, JSON.stringify(decisions));
    } catch {
      // As above.
    }
    mark(card, decided().get(card));
    count();
  }

  /** @param {number} card @param {Decision | undefined} decision */
  function mark(card, decision) {
    const element = cards[card];
    const { proposal } = questions[card] ?? {};
    const kind = typeof decision === 'object' ? 'other' : (decision ?? 'open');
    const words = {
      open: '',
      keep: 'kept as it is',
      accept: `to be ${proposal}`,
      out: 'left out',
      other:
        typeof decision === 'object' ? `to be ${decision.to}${isNew(card, decision.to) ? ' (a new label)' : ''}` : '',
    };
    element?.setAttribute('data-decision', kind);
    const said = element?.querySelector('.mlr-said');
    if (said) said.textContent = words[kind];
    for (const button of element?.querySelectorAll('button') ?? [])
      button.setAttribute('aria-pressed', String(button.dataset.decision === kind));
  }

  /** Whether nothing has this label so far: it may be mistyped. @param {number} card @param {string} label */
  const isNew = (card, label) => {
    const known = [...(cards[card]?.querySelector('input')?.list?.options ?? [])];
    return known.length > 0 && known.every(({ value }) => value !== label);
  };

  function count() {
    const known = decided();
    const left = questions.length - known.size;
    const { changes, out } = result();
    const said = [`${left} of ${questions.length} left`, `${changes.length} to change`, `${out.length} left out`];
    part('status').textContent = left === 0 ? `All done: ${said.slice(1).join(', ')}` : said.join(' · ');
    part('cell').textContent = cell(changes, out);
  }

  /** The changes and the ids left out that were decided so far. */
  function result() {
    /** @type {Map<number | string, { id: number | string, was: Record<string, unknown> } & Record<string, unknown>>} */
    const changes = new Map();
    const out = new Set();
    for (const [card, decision] of decided()) {
      const question = questions[card];
      if (!question) continue;
      const { id, field, now, proposal } = question;
      if (decision === 'out') out.add(id);
      if (field === undefined || decision === 'out' || decision === 'keep') continue;
      const change = changes.get(id) ?? { id, was: {} };
      const before = Object.hasOwn(change, field) ? change[field] : now;
      const value = valueWith(question, before, typeof decision === 'object' ? decision.to : String(proposal));
      if (JSON.stringify(value) === JSON.stringify(now)) continue;
      change[field] = value;
      change.was[field] = now;
      changes.set(id, change);
    }
    // The value first, as one writes it.
    return { changes: [...changes.values()].map(({ id, was, ...values }) => ({ id, ...values, was })), out: [...out] };
  }

  /** The texts between separators. @param {string} text @param {string | RegExp} separator */
  const texts = (text, separator) => text.split(separator).map((each) => each.trim());

  /** The value of a field with a label. @param {Question} question @param {unknown} now @param {string} label */
  function valueWith({ type, part }, now, label) {
    if (part !== undefined) {
      const list = Array.isArray(now) ? now : now === null ? [] : texts(String(now), /[,;|]/);
      const others = list.filter((each) => each !== part);
      const labels = label === 'yes' ? [...others, part] : others;
      if (labels.length === 0) return null;
      return type === 'string[]' ? labels : labels.join(', ');
    }
    if (label === '') return null;
    if (type === 'number') return Number(label);
    if (type === 'boolean') return label === 'true' || label === 'yes';
    return type === 'string[]' ? texts(label, ',') : label;
  }

  /** @param {Record<string, unknown>} object @returns {string} */
  const literal = (object) =>
    `{ ${Object.entries(object)
      .map(([name, value]) => {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        const shown = isObject ? literal(/** @type {Record<string, unknown>} */ (value)) : code(value);
        return `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : code(name)}: ${shown}`;
      })
      .join(', ')} }`;

  /** @param {Record<string, unknown>[]} changes @param {unknown[]} out */
  function cell(changes, out) {
    const lines = changes.map((change) => `    ${literal(change)},\n`).join('');
    const update = `await catalogue.update(\n  [\n${lines}  ],\n  { reason: ${code(reason)} },\n);\n`;
    const parts = [
      changes.length > 0 ? update : '',
      out.length > 0
        ? `const out = [${out.map((id) => `{ id: ${code(id)} }`).join(', ')}]; // for .without(out) of a data set\n`
        : '',
    ];
    return parts.join('') || '// Nothing is decided yet.\n';
  }

  function download() {
    const { changes, out } = result();
    const text = `${JSON.stringify({ ...file, reason, changes, leftOut: out }, null, 2)}\n`;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = 'corrections.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Has another label typed, which Enter takes and Escape does not. @param {number} card */
  function ask(card) {
    if (questions[card]?.field === undefined) return;
    select(card);
    const input = /** @type {HTMLInputElement | null} */ (cards[card]?.querySelector('input'));
    if (!input) return;
    input.hidden = false;
    input.value = '';
    input.focus();
  }

  /** How many cards stand in a line. */
  const inLine = () => {
    const top = cards[0]?.offsetTop;
    const other = cards.findIndex(({ offsetTop }) => offsetTop !== top);
    return other < 0 ? cards.length : other;
  };

  /** @type {Record<string, (card: number) => void>} */
  const keys = {
    k: (card) => decide(card, 'keep'),
    a: (card) => decide(card, 'accept'),
    l: ask,
    x: (card) => decide(card, 'out'),
    u: undo,
    ArrowRight: (card) => select(Math.min(cards.length - 1, card + 1)),
    ArrowLeft: (card) => select(Math.max(0, card - 1)),
    ArrowDown: (card) => select(Math.min(cards.length - 1, card + inLine())),
    ArrowUp: (card) => select(Math.max(0, card - inLine())),
    Home: () => select(0),
    End: () => select(cards.length - 1),
  };

  // JupyterLab leaves all keys to an element with this attribute, else X would cut the cell; but Ctrl-S shall save.
  const own = 'data-lm-suppress-shortcuts';
  /** @param {KeyboardEvent} event */
  const isModifier = ({ key }) => key === 'Control' || key === 'Meta';
  box.addEventListener('keyup', (event) => isModifier(event) && box.setAttribute(own, 'true'));
  box.addEventListener('focusin', () => box.setAttribute(own, 'true'));

  box.addEventListener('keydown', (event) => {
    if (isModifier(event)) box.removeAttribute(own);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation();
    const { target } = event;
    if (target instanceof HTMLInputElement) {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      target.hidden = true;
      const label = target.value.trim();
      if (event.key === 'Enter' && label !== '') decide(current, { to: label });
      else select(current);
      return;
    }
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(current);
  });

  box.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element)) return;
    const card = cards.findIndex((each) => each.contains(target));
    if (card >= 0 && card !== current) select(card, false);
    const button = /** @type {HTMLElement | null} */ (target.closest('button'));
    const does = button?.dataset.decision ?? button?.dataset.does;
    if (!button || !does) {
      if (card >= 0 && !(target instanceof HTMLInputElement)) select(card);
      return;
    }
    if (does === 'undo') undo();
    else if (does === 'copy') copyText(button, part('cell').textContent ?? '');
    else if (does === 'download') download();
    else if (does === 'other') ask(card);
    else if (does === 'keep' || does === 'accept' || does === 'out') decide(card, does);
  });
  // A label that is chosen from the list, or typed and left, counts as well.
  for (const [card, element] of cards.entries())
    element.querySelector('input')?.addEventListener('blur', ({ target }) => {
      const input = /** @type {HTMLInputElement} */ (target);
      if (input.hidden) return;
      input.hidden = true;
      if (input.value.trim() !== '') decide(card, { to: input.value.trim() });
    });

  for (const [card, decision] of decided()) mark(card, decision);
  select(current, false);
  box.dataset.ready = '';
  count();
}
