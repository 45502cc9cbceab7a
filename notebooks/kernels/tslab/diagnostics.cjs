// What the compiler finds wrong with a cell: a line each, with the number of the cell's line, and what to do about a
// name that ml-pipeline has.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { ts } = require('./compiler.cjs');

/** What tslab prints a diagnostic with: `console.error(format, file, line, column, text)`. */
const format = '%s%d:%d - %s';

/** A function to print errors with, which prints tslab's diagnostics as one line each. */
exports.printer =
  (print) =>
  (first, ...rest) => {
    if (first !== format) return print(first, ...rest);
    const [file, line, , text] = rest;
    print(`${file}${file ? ', ' : ''}line ${line}: ${text}`);
  };

/** Diagnostics as they are told: of a chain of reasons the first and the last, and nothing twice. */
exports.brief = (diagnostics, source) => {
  const lastLine = source.trimEnd().split('\n').length - 1;
  const chains = new Map();
  for (const diagnostic of diagnostics) {
    // Of a chain of reasons tslab makes diagnostics that share one object for the place.
    chains.set(diagnostic.start, [...(chains.get(diagnostic.start) ?? []), diagnostic]);
  }
  const told = new Set();
  return [...chains.values()].flatMap((chain) => {
    const [first] = chain;
    const last = chain.length > 1 ? chain.at(-1).messageText : '';
    const said = first.messageText.replace(/ Do you need to (?:install|change) .*/, '');
    const text = oneLine(`${said}${hint(said)} ${last}`);
    const key = isUnknownName(first) ? text : `${first.start.line} ${text}`;
    // That a variable of an unknown type cannot be exported follows from what is said of the type.
    if (told.has(key) || (first.code >= 4000 && first.code < 5000 && chains.size > 1)) return [];
    told.add(key);
    // What is missing at a cell's end is missed in a line that tslab adds.
    const start = { ...first.start, line: Math.min(first.start.line, lastLine) };
    return [{ ...first, start, messageText: text }];
  });
};

const oneLine = (text) => text.replace(/\s*\n\s*/g, ' ').trim();

const isUnknownName = ({ messageText }) => /^Cannot find name/.test(messageText);

let names;

/** What the kit exports. */
function exported() {
  const file = path.join(__dirname, '../../../dist/index.d.ts');
  names ??= ts
    .createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
    .statements.flatMap(({ exportClause }) => exportClause?.elements?.map(({ name }) => name.text) ?? []);
  return names;
}

/** What to do about a name that no cell has, a promise that is taken for what it promises, or what was not scored. */
function hint(message) {
  if (/does not exist on type 'Promise<|[Tt]ype 'Promise<.*is not assignable to/.test(message))
    return ' It is a promise: write await before what makes it.';
  if (/is not assignable to parameter of type '(?:Scored|Embedded)</.test(message))
    return ' Score it first: const scored = await pipeline.score(dataset);';
  const [, name] = /(?:Cannot find name|shorthand property) '(\w+)'/.exec(message) ?? [];
  if (name === undefined) return '';
  if (exported().includes(name)) return ` Add: import { ${name} } from 'ml-pipeline';`;
  if (['catalogue', 'pipeline', 'aws'].includes(name))
    return ` Add: import { connect } from 'ml-pipeline'; const { ${name} } = await connect();`;
  return message.includes('Did you mean') ? '' : ' Run the cell that defines it first.';
}
