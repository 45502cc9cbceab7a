// From a place in the script that a cell became to the line of the cell. tslab compiles a cell twice, to a module and
// then to a script; the compiler is asked for a map of each, and the script is named after its cell.
const { SourceMap } = require('node:module');
const { replace } = require('./compiler.cjs');
const outputs = require('./outputs.cjs');

/** The cells' sources and maps, by the number of the cell. */
const compiled = new Map();
/** The maps of what was compiled last, script first. */
let maps = [];

replace('createWatchCompilerHost', (create) => (files, options, ...others) => {
  return create(files, { ...options, inlineSourceMap: true }, ...others);
});

const comment = /\n\/\/# sourceMappingURL=(?:data:application\/json;base64,)?(\S+)\s*$/;

replace('transpileModule', (transpile) => (module, { compilerOptions, ...others }) => {
  const [, map] = comment.exec(module) ?? [];
  const script = transpile(module.replace(comment, '\n'), {
    ...others,
    compilerOptions: { ...compilerOptions, sourceMap: true },
  });
  maps = map ? [script.sourceMapText, Buffer.from(map, 'base64').toString()] : [];
  return { ...script, outputText: script.outputText.replace(comment, '\n') };
});

/** The script of a cell under a name by which `linesOf` knows it again. */
exports.named = (script, source) => {
  const { number } = outputs.running();
  // The same cell again: its imports, after it failed.
  if (!compiled.has(number))
    compiled.set(number, { source: source.split('\n'), length: script.split('\n').length, maps });
  return `${script}\n//# sourceURL=cell:${number}\n`;
};

/**
 * The lines of cells that a stack names, the innermost first, each with the number of its cell.
 *
 * @returns {{ cell: number, line: number, text: string }[]}
 */
exports.linesOf = (stack) => {
  const frames = [...stack.matchAll(/^ +at .*\bcell:(\d+):(\d+):(\d+)/gm)];
  // What does not compile has no frame: its place stands above the error.
  const places = frames.length > 0 ? frames : [...stack.matchAll(/^cell:(\d+):(\d+)()$/gm)];
  const lines = places.flatMap(([, ...place]) => {
    const [cell, row, column] = place.map(Number);
    const { source, length, maps: all } = compiled.get(cell) ?? {};
    // Below the script is the call of the function that tslab makes of it.
    if (!all?.length || row > length) return [];
    const found = all.reduce(
      (at, map) => new SourceMap(JSON.parse(map)).findEntry(at.originalLine, at.originalColumn),
      { originalLine: row - 1, originalColumn: Math.max(0, column - 1) },
    );
    // Above the cell's first line is one of tslab's.
    const line = found.originalLine;
    return line > 0 ? [{ cell, line, text: (source[line - 1] ?? '').trim() }] : [];
  });
  return lines.filter(({ cell, line }, i) => cell !== lines[i - 1]?.cell || line !== lines[i - 1]?.line);
};
