/** @import { Event } from './stack.mjs' */

/** Prints a line for each event on stderr; in a terminal one line that changes. */
export function events() {
  const { isTTY } = process.stderr;
  /** @param {Event} event */
  return ({ resource, type, status, reason }) => {
    const line = `${status} ${resource} (${type})${reason && status?.endsWith('_FAILED') ? `: ${reason}` : ''}`;
    process.stderr.write(isTTY ? `\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${line}\n`);
    if (isTTY && type === 'AWS::CloudFormation::Stack' && !status?.endsWith('_IN_PROGRESS')) process.stderr.write('\n');
  };
}
