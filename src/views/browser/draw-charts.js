/**
 * Replaces each still chart of a page with an interactive one: every element of the class `chart` has a script element
 * with its figure as JSON, and the element with the id `plotly` has plotly.js, gzipped, in base64.
 */
(async () => {
  const packed = document.getElementById('plotly')?.textContent ?? '';
  const { body } = await fetch(`data:application/gzip;base64,${packed}`);
  if (!body) throw new Error('The page has lost plotly.js.');
  const library = document.createElement('script');
  library.textContent = await new Response(body.pipeThrough(new DecompressionStream('gzip'))).text();
  document.head.append(library);
  /** @typedef {{ newPlot(chart: Element, ...figure: unknown[]): Promise<unknown> }} Plotly */
  const { Plotly } = /** @type {{ Plotly: Plotly }} */ (/** @type {unknown} */ (window));
  for (const chart of document.querySelectorAll('.chart')) {
    const { data, layout, config } = JSON.parse(chart.querySelector('script')?.textContent ?? '');
    chart.replaceChildren();
    await Plotly.newPlot(chart, data, layout, config);
  }
})();
