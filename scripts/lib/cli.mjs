// What every script shares: its options, --help, one-line errors, Ctrl-C, and progress on the terminal.
import { clearLine, messageOf, oneLine, terminalProgress, visible } from '../../dist/quick.js';
import { helpText, parseOptions, UsageError } from './options.mjs';

/**
 * @import { OnProgress } from '../../dist/quick.js'
 * @import { Options, Values } from './options.mjs'
 */

export { consent, json, jsonLines, port, UsageError } from './options.mjs';

// A terminal obeys control characters, and what the scripts print has names, ids and file names of other people in it.
for (const method of /** @type {const} */ (['log', 'warn', 'error'])) {
  const print = console[method];
  console[method] = (...values) =>
    print(...values.map((value) => (typeof value === 'string' ? visible(value) : value)));
}

/**
 * What a script is called with beside its values: `note` sets what a person should know after Ctrl-C from now on.
 *
 * @typedef {{ signal: AbortSignal, onProgress: OnProgress, note: (afterwards: string) => void }} Step
 */

/**
 * Runs a script.
 *
 * @template {Options} O
 * @param {{ usage: string, about: string, options: O, positionals?: number, resume?: string, trouble?: number }} script
 *   `positionals` is how many arguments it takes beside its options (default none), `resume` what a person should know
 *   after Ctrl-C, `trouble` the exit status of an error (default 1).
 * @param {(call: Step & { values: Values<O>, positionals: string[] }) => Promise<void>} main
 */
export async function cli(
  { usage, about, options, positionals: most = 0, resume = 'Nothing was left half done; run it again.', trouble = 1 },
  main,
) {
  let afterwards = resume;
  const stop = new AbortController();
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  // Whoever stops reading (| head -1) does not stop the work.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const { values, positionals } = parseOptions(options, most);
    if (!values) return console.log(helpText(usage, about, options));
    const note = (/** @type {string} */ text) => void (afterwards = text);
    await main({ values, positionals, signal: stop.signal, onProgress: terminalProgress(), note });
  } catch (error) {
    clearLine();
    const message = oneLine(messageOf(error));
    if (stop.signal.aborted) {
      console.error(`Stopped. ${afterwards}`);
      process.exitCode = 130;
    } else if (error instanceof UsageError) {
      console.error(`error: ${message}\nusage: ${usage}   (--help explains the options)`);
      process.exitCode = 2;
    } else {
      console.error(process.argv.includes('--debug') ? error : `error: ${message}`);
      process.exitCode = trouble;
    }
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }

  function interrupted() {
    if (stop.signal.aborted) process.exit(130);
    clearLine();
    console.error('Stopping … (once more to stop at once)');
    stop.abort(new Error('interrupted'));
  }
}
