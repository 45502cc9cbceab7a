/**
 * Makes a map answer the mouse: the image under the pointer, and of the points that the lasso or the box has caught the
 * thumbnails, the counts and a cell. This script is the last thing inside the element beside the chart, which has what
 * is known of the points as JSON in a script element, in the order of the chart's points, and `data-key`, which the
 * chart has as its `meta.map`. What was caught is kept under that key.
 *
 * @typedef {{ name: string, labels: string[], of: number[] }} Column
 * @typedef {{ ids: (number | string)[], variants?: (number | null)[], names?: string[], columns: Column[],
 *   name: string, thumbnails: { size: number, across: number, perSheet: number, of: number[] } }} Points
 * @typedef {{ curveNumber: number, pointNumber: number }} Point
 * @typedef {{ points: Point[], event?: MouseEvent }} Happened
 * @typedef {HTMLElement & { on: (name: string, act: (happened?: Happened) => void) => void,
 *   layout?: { meta?: { map?: string }, updatemenus?: { buttons: { args: Record<string, unknown>[] }[] }[] },
 *   data: { x: unknown[] }[], answers?: { on: unknown, box: Element } }} Chart
 */
// A block and no listener outside the output: nothing is left behind when it goes.
{
  const box = /** @type {HTMLElement} */ (document.currentScript?.parentElement);
  /** @param {string} name @returns {HTMLElement} */
  const part = (name) => /** @type {HTMLElement} */ (box.querySelector(`.mlm-${name}`));
  /** @type {Points} */
  const points = JSON.parse(box.querySelector('script')?.textContent ?? '{}');
  const key = box.dataset.key;
  const kept = `ml-pipeline map ${key}`;
  const thumbnails = new Map(points.thumbnails.of.map((point, i) => [point, i]));
  /** More make a page slow. */
  const mostPictures = 300;

  /** The points that are caught, in their order. @type {number[]} */
  let caught = [];
  try {
    caught = JSON.parse(localStorage.getItem(kept) ?? '[]').filter((/** @type {number} */ i) => i < points.ids.length);
  } catch {
    // Not every page may keep something; then a reload begins again.
  }

  /** @param {number} n @param {string} unit */
  const plural = (n, unit) => `${n.toLocaleString('en-US')} ${unit}${n === 1 ? '' : 's'}`;

  /** What is known of a point, in words. @param {number} point */
  const wordsOf = (point) => {
    const values = points.columns.map(({ labels, of }) => labels[of[point] ?? -1] ?? '').slice(0, 6);
    return [points.names?.[point] ?? '', ...values].filter((text) => text !== '').join(' · ');
  };
  /** @param {number} point */
  const idOf = (point) => `${points.ids[point]}${points.variants ? ` ${points.variants[point] ?? ''}` : ''}`.trim();

  /** Shows a point's thumbnail in an element, if it has one. @param {HTMLElement} element @param {number} point */
  function picture(element, point, zoom = 1) {
    const { size, across, perSheet } = points.thumbnails;
    const i = thumbnails.get(point);
    if (i === undefined) return false;
    const at = i % perSheet;
    const side = size * zoom;
    element.className = `mlm-picture mlm-${key}-${Math.floor(i / perSheet)}`;
    element.style.cssText = `width:${side}px;height:${side}px;background-size:${across * side}px auto;
      background-position:-${(at % across) * side}px -${Math.floor(at / across) * side}px`;
    return true;
  }

  /** Has the chart dim what is not caught, where it is not the chart that has caught it. */
  let dim = () => {};

  /** @param {number[]} some */
  function keep(some) {
    caught = [...new Set(some)].sort((a, b) => a - b);
    try {
      localStorage.setItem(kept, JSON.stringify(caught));
    } catch {
      // As above.
    }
    show();
  }

  function show() {
    const all = points.ids.length;
    part('status').textContent =
      caught.length === 0 ? plural(all, 'image') : `${plural(caught.length, 'image')} caught`;
    box.toggleAttribute('data-caught', caught.length > 0);
    part('counts').replaceChildren(...(caught.length === 0 ? [] : points.columns.map(counted)));
    const shown = caught.filter((point) => thumbnails.has(point)).slice(0, mostPictures);
    part('pictures').replaceChildren(...shown.map(button));
    const left = caught.length - shown.length;
    if (left > 0) part('pictures').append(`and ${plural(left, 'image')} that ${left === 1 ? 'is' : 'are'} not shown`);
    part('cell').textContent = cell();
  }

  /** A thumbnail, which a click lets go. @param {number} point */
  function button(point) {
    const element = document.createElement('button');
    element.type = 'button';
    picture(element, point);
    element.title = `${idOf(point)} · ${wordsOf(point)} (a click lets it go)`;
    element.setAttribute('aria-label', element.title);
    element.dataset.point = String(point);
    return element;
  }

  /** How often each value of a column is caught, the most frequent first. @param {Column} column */
  function counted({ name, labels, of }) {
    const counts = new Map();
    for (const point of caught) counts.set(of[point], (counts.get(of[point]) ?? 0) + 1);
    const sorted = [...counts].sort(([, a], [, b]) => b - a);
    const said = sorted.slice(0, 4).map(([label, n]) => `${labels[label]} ${n.toLocaleString('en-US')}`);
    if (sorted.length > 4) said.push(`${sorted.length - 4} more`);
    const [line, term] = [document.createElement('div'), document.createElement('span')];
    term.textContent = name;
    line.append(term, ` ${said.join(' · ')}`);
    return line;
  }

  /** Values in a list, twelve to a line. @param {unknown[]} values */
  function list(values) {
    const texts = values.map(code);
    if (texts.length <= 12) return `[${texts.join(', ')}]`;
    const lines = Array.from({ length: Math.ceil(texts.length / 12) }, (_, i) =>
      texts.slice(12 * i, 12 * (i + 1)).join(', '),
    );
    return `[\n  ${lines.join(',\n  ')},\n]`;
  }

  /** A condition may have 256 KB. */
  const longest = 200_000;

  function cell() {
    if (caught.length === 0) return '';
    const { ids, variants, name } = points;
    const of = (/** @type {number[]} */ some) => list(some.map((point) => ids[point]));
    if (!variants) {
      const values = of(caught);
      if (values.length <= longest) return `const caught = ${name}.where({ id: { in: ${values} } });\n`;
      const rows = `${name}.rows.filter(({ id }) => ids.has(id))`;
      return `const ids = new Set<number | string>(${values});\nconst caught = ${name}.select(${rows});\n`;
    }
    // Several images have one id.
    const each = [...new Set(caught.map((point) => variants[point]))].map((variant) => {
      const own = caught.filter((point) => variants[point] === variant);
      return `{ variant: ${variant === null ? '{ exists: false }' : code(variant)}, id: { in: ${of(own)} } }`;
    });
    return `const caught = ${name}.where({ or: [${each.join(', ')}] });\n`;
  }

  // In JupyterLab and in exported notebooks a cell's outputs are together; elsewhere, as in VS Code, anywhere.
  const root = box.closest('.jp-OutputArea') ?? document.body;
  /** JupyterLab may put another element with this script in the place of this one; cells that are far it takes away. */
  const isThere = () => root.contains(box);

  /** Has the chart answer, once it is drawn and whenever it is drawn anew. */
  function attach() {
    for (const chart of /** @type {NodeListOf<Chart>} */ (root.querySelectorAll('.js-plotly-plot'))) {
      const { on, answers } = chart;
      if (chart.layout?.meta?.map !== key || on === undefined) continue;
      if (answers?.on === on && root.contains(answers.box)) continue;
      chart.answers = { on, box };
      const firsts = [0];
      for (const { x } of chart.data) firsts.push((firsts.at(-1) ?? 0) + x.length);
      const placeOf = (/** @type {Point} */ { curveNumber, pointNumber }) => (firsts[curveNumber] ?? 0) + pointNumber;
      const tip = document.createElement('div');
      tip.className = 'mlm-tip';
      tip.hidden = true;
      const frame = chart.querySelector('.plot-container') ?? chart;
      frame.querySelector('.mlm-tip')?.remove();
      frame.append(tip);
      chart.on('plotly_hover', (happened) => {
        const [point] = happened?.points ?? [];
        if (point && happened?.event) showTip(tip, placeOf(point), happened.event, frame.getBoundingClientRect());
      });
      chart.on('plotly_unhover', () => {
        tip.hidden = true;
      });
      let adds = false;
      const begins = (/** @type {Event} */ event) => {
        adds = event instanceof MouseEvent && event.shiftKey && !event.altKey;
      };
      frame.addEventListener('mousedown', begins, true);
      /** How often it is being told what is caught just now: what it says meanwhile is no news. */
      let told = 0;
      chart.on('plotly_update', () => {
        told = Math.max(0, told - 1);
      });
      dim = () => {
        told++;
        if (!dimIn(chart, firsts)) told--;
      };
      // Without points it is called as the chart is zoomed.
      chart.on('plotly_selected', (happened) => {
        if (!happened?.points || told > 0 || !isThere()) return;
        const drawn = happened.points.map(placeOf);
        keep(adds ? [...caught, ...drawn] : drawn);
        // It does not know of what was caught before a reload.
        if (caught.length > drawn.length) dim();
      });
      chart.on('plotly_deselect', () => told === 0 && isThere() && keep([]));
      chart.dataset.answers = '';
      if (caught.length > 0) dim();
      beside(chart);
    }
  }

  /**
   * Dims what is not caught by the chart's hidden button, whose arguments are Plotly's: what is selected of each trace,
   * and no lasso drawn. Whether it has the button. @param {Chart} chart @param {number[]} firsts
   */
  function dimIn(chart, firsts) {
    const [traces, layout] = chart.layout?.updatemenus?.[0]?.buttons[0]?.args ?? [];
    const button = chart.querySelector('.updatemenu-button');
    if (!traces || !layout || !button) return false;
    const of = (/** @type {number} */ i) => {
      const [first = 0, end = 0] = firsts.slice(i, i + 2);
      return caught.filter((point) => point >= first && point < end).map((point) => point - first);
    };
    traces.selectedpoints = chart.data.map((_, i) => (caught.length === 0 ? null : of(i)));
    layout.selections = [];
    button.dispatchEvent(new MouseEvent('click'));
    return true;
  }

  /** @param {HTMLElement} tip @param {number} point @param {MouseEvent} event @param {DOMRect} frame */
  function showTip(tip, point, { clientX, clientY }, frame) {
    const image = document.createElement('div');
    const has = picture(image, point, Math.max(1, 128 / points.thumbnails.size));
    const text = document.createElement('div');
    text.textContent = [idOf(point), wordsOf(point), has ? '' : 'no thumbnail']
      .filter((each) => each !== '')
      .join(' · ');
    tip.replaceChildren(...(has ? [image] : []), text);
    tip.hidden = false;
    const [x, y] = [clientX - frame.left, clientY - frame.top];
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    tip.style.left = `${Math.max(0, x + 14 + width > frame.width ? x - 14 - width : x + 14)}px`;
    tip.style.top = `${Math.max(0, Math.min(y - height / 2, frame.height - height))}px`;
  }

  /**
   * Stands beside the chart where there is room, else below it, where it is anyway. @param {Chart} chart
   */
  function beside(chart) {
    const [output, own] = [chart, box].map((each) => each.closest('.jp-OutputArea-child'));
    if (!(output instanceof HTMLElement && own instanceof HTMLElement && output !== own)) return;
    const sizes = new ResizeObserver(() => {
      if (!isThere()) return sizes.disconnect();
      const drawn = chart.querySelector('.svg-container')?.getBoundingClientRect();
      const high = output.offsetHeight;
      if (!drawn || high === 0) return;
      const left = drawn.right - output.getBoundingClientRect().left;
      const room = output.offsetWidth - left;
      const isBeside = room >= 240;
      own.style.cssText = isBeside
        ? `margin-left:${left}px;margin-top:-${high}px;width:${room}px;position:relative`
        : '';
      // As high as the chart, or what comes after it would lie on the chart.
      box.style.cssText = `${isBeside ? 'height' : 'max-height'}:${high}px;overflow:auto`;
    });
    sizes.observe(root);
    sizes.observe(output);
  }

  box.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (!button) return;
    const { point, does } = button.dataset;
    if (point !== undefined) {
      keep(caught.filter((each) => each !== Number(point)));
      dim();
      part('status').focus();
    } else if (does === 'copy') copyText(button, part('cell').textContent ?? '');
    else if (does === 'clear') {
      keep([]);
      dim();
    }
  });

  new MutationObserver((_, observer) => {
    if (isThere()) attach();
    else observer.disconnect();
  }).observe(root, { childList: true, subtree: true });
  box.dataset.ready = '';
  show();
  attach();
}
