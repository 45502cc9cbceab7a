// Tab between the quotes of a field's value offers the values that the connected catalogue knows:
// `catalogue.query({ gender: 'W`. A type could not say them, since they are data.
const { JupyterHandlerImpl } = require('../../../node_modules/tslab/dist/jupyter.js');

const { handleComplete } = JupyterHandlerImpl.prototype;

JupyterHandlerImpl.prototype.handleComplete = function (request) {
  const { code, cursor_pos: cursor } = request;
  return valuesAt(code.slice(0, cursor), cursor) ?? handleComplete.call(this, request);
};

/** A text that is complete, in either quotes. */
const text = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/.source;
/** `gender: 'W`, `gender: { in: ['Men', 'W`, `gender === 'W`: a field's name, and the text that begins as its value. */
const begun = new RegExp(
  String.raw`(?<![\w$])(["']?)(?<field>[A-Za-z]\w*)\1\s*(?::|[!=]==?)\s*` +
    String.raw`(?:\{[^{}]*(?<![\w$])(?:eq|in|gte?|lte?|between|beginsWith)\s*:\s*)?` +
    String.raw`(?:\[(?:\s*(?:${text})\s*,)*\s*)?(?<quote>["'])(?<begin>(?:(?!\k<quote>)[^\\\n]|\\.)*)$`,
);

function valuesAt(before, cursor) {
  const { field, quote, begin } = begun.exec(before.slice(-5000))?.groups ?? {};
  const values = field && globalThis[Symbol.for('ml-pipeline.values')]?.(field);
  if (!values) return undefined;
  const matches = values
    .filter((value) => value.toLowerCase().includes(begin.toLowerCase()))
    .map((value) => value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n'));
  return { cursor_start: cursor - begin.length, cursor_end: cursor, matches, metadata: {}, status: 'ok' };
}
