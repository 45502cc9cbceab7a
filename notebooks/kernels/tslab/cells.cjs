// How a cell runs, what it shows at its end, and what is left of it where it fails.
const vm = require('node:vm');
const executors = require('../../../node_modules/tslab/dist/executor.js');
const { ts } = require('./compiler.cjs');
const { brief, printer } = require('./diagnostics.cjs');
const { display } = require('./display.cjs');
const outputs = require('./outputs.cjs');
const { named } = require('./scripts.cjs');
const { spelledOut } = require('./shorthand.cjs');

const { createExecutor } = executors;

executors.createExecutor = (folder, converters, console) => {
  /** The value of the cell's last expression, where it has one: tslab would print it. */
  let last = [];
  /** Whether the cell compiled. */
  let compiled = false;
  const { node } = converters;
  const { convert } = node;
  node.convert = (earlier, source) => {
    const { diagnostics, output, hasToplevelAwait, ...converted } = convert(earlier, spelledOut(source));
    compiled = diagnostics.length === 0;
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
    if (!(await executor.execute(code))) {
      // What a cell imports is there, also where it fails afterwards.
      const imports = compiled ? importsOf(code) : '';
      if (imports) await executor.execute(imports);
      return false;
    }
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

/** The imports of a cell, and nothing else. */
function importsOf(code) {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest);
  return file.statements
    .filter(ts.isImportDeclaration)
    .map((statement) => statement.getText(file))
    .join('\n');
}
