// What a cell shows of the value that it ends with.
const { inspect } = require('node:util');
const jupyter = require('../../../node_modules/tslab/dist/jupyter.js');

exports.display = display;

/**
 * Shows a value, a promise once it is kept: by its method Symbol.for('Jupyter.display'), the convention of Deno's
 * kernel, which returns an output by MIME type; else as ml-pipeline shows its kind, once a cell has imported it; else
 * as Node prints it.
 */
async function display(promise, console) {
  const value = await promise;
  if (value === undefined || value === null) return;
  const own = value[Symbol.for('Jupyter.display')];
  const kit = globalThis[Symbol.for('ml-pipeline.display')];
  const data = await (typeof own === 'function' ? own.call(value) : kit?.(value));
  if (data) jupyter.lastWriteDisplayData({ data, metadata: {}, transient: {} }, false);
  else console.log(typeof value === 'string' ? value : inBrief(value));
}

/** How many lines Node may print of a value that nobody asked to have printed. */
const shownLines = 60;

function inBrief(value) {
  const lines = inspect(value).split('\n');
  if (lines.length <= shownLines) return lines.join('\n');
  return [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines; console.log prints them`].join(
    '\n',
  );
}
