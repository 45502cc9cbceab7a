// How a cell runs and what it shows at its end.
const vm = require('node:vm');
const executors = require('../../../node_modules/tslab/dist/executor.js');
const jupyter = require('../../../node_modules/tslab/dist/jupyter.js');
const { brief, printer } = require('./diagnostics.cjs');
const outputs = require('./outputs.cjs');
const { named } = require('./scripts.cjs');

const { createExecutor } = executors;

executors.createExecutor = (folder, converters, console) => {
  /** The value of the cell's last expression, where it has one: tslab would print it. */
  let last = [];
  const { node } = converters;
  const { convert } = node;
  node.convert = (earlier, source) => {
    const { diagnostics, output, hasToplevelAwait, ...converted } = convert(earlier, source);
    return {
      ...converted,
      diagnostics: brief(diagnostics, source),
      output: output && named(output, source),
      hasToplevelAwait: hasToplevelAwait || needsAsync(output),
    };
  };
  const executor = createExecutor(folder, converters, {
    ...console,
    log: (value) => (last = [value]),
    error: printer(console.error),
  });
  /** Ends the wait for what a cell shows at its end. */
  let stop = () => {};
  const execute = async (code) => {
    last = [];
    if (!(await executor.execute(code))) return false;
    try {
      const stopped = new Promise((_, reject) => {
        stop = () => reject(new Error('Interrupted asynchronously'));
      });
      stopped.catch(() => {});
      for (const value of last) await Promise.race([display(value, console), stopped]);
      return true;
    } catch (error) {
      console.error(error);
      return false;
    }
  };
  const interrupt = () => {
    outputs.stopped();
    stop();
    executor.interrupt();
  };
  return { ...executor, execute, interrupt };
};

/** tslab does not see `for await` outside a function: only as an async function does such a cell compile. */
function needsAsync(output = '') {
  try {
    new vm.Script(`(function () {${output}\n})`);
    return false;
  } catch {
    return true;
  }
}

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
  else console.log(value);
}
