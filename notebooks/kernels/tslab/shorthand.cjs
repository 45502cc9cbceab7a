// tslab does not see that `{ where }` reads the variable of an earlier cell, which then "is not defined" where the cell
// runs; of `{ where: where }` it does.
const { ts } = require('./compiler.cjs');

/** A cell with the names of shorthand properties spelled out; its lines stay what they are. */
exports.spelledOut = (code) => {
  const ends = [];
  const visit = (node) => {
    if (ts.isShorthandPropertyAssignment(node) && !node.objectAssignmentInitializer) ends.push(node.name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest));
  return ends.reduceRight((spelled, { end, text }) => `${spelled.slice(0, end)}: ${text}${spelled.slice(end)}`, code);
};
