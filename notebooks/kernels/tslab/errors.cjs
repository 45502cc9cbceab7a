// How an error looks in a cell: its reason in one line, then the lines of cells that led to it. Its `stack` has all
// else: the compiled script, the kernel and libraries.
const { inspect } = require('node:util');
const outputs = require('./outputs.cjs');
const { linesOf } = require('./scripts.cjs');

Object.defineProperty(Error.prototype, inspect.custom, { value: inCell, configurable: true, writable: true });

/** How many lines of cells are told. */
const shown = 4;

function inCell() {
  if (isInterrupt(this)) return 'Stopped.';
  const stack = String(this.stack);
  const lines = linesOf(stack);
  const [elsewhere] = lines.length > 0 ? [] : (/^ +at .+/m.exec(stack) ?? []);
  const here = outputs.running()?.number;
  const told = lines.slice(0, shown).map(({ cell, line, text }) => {
    return `    at ${cell === here ? '' : `cell [${cell}], `}line ${line}: ${text}`;
  });
  return [reasonOf(this), ...told, ...(elsewhere ? [elsewhere] : [])].join('\n');
}

/** `TypeError: fetch failed (bad port)`, with the reason of the cause where that says more. */
function reasonOf(error) {
  const { name, message, cause, errors = [] } = error;
  const causes = [cause, ...errors].flatMap((each) => (each instanceof Error ? [each.message] : []));
  const more = causes.filter((reason) => reason && !message.includes(reason)).join('; ');
  const reason = message && more ? `${message} (${more})` : message || more;
  return `${name}${reason && `: ${reason.replace(/\s*\n\s*/g, ' ')}`}`;
}

/** The kernel's own word for the stop button, or Node's. */
const isInterrupt = ({ message, code }) =>
  message === 'Interrupted asynchronously' || code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
