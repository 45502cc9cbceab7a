// What every script shares: its options, --help, one-line errors, Ctrl-C, and progress on the terminal.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clearLine, identity, terminalProgress } from '../dist/internal.js';

// The SDK's notice to Node 20 would stand above every table.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Wrong usage: reported with the way to --help, exit status 2. */
export class UsageError extends Error {}

/**
 * Runs a script. `options` are those of node:util's parseArgs, each with `help` (and `value`, its placeholder).
 * `resume` is what a person should know after Ctrl-C, or a function that gives it.
 */
export async function cli(
  { usage, about, options = {}, positionals = 0, resume = 'Nothing was left half done; run it again.' },
  main,
) {
  const stop = new AbortController();
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  // Whoever stops reading (| head -1) does not stop the work.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  let debug = process.argv.includes('--debug');
  try {
    const known = {
      ...options,
      help: { type: 'boolean', short: 'h', help: 'show this help' },
      debug: { type: 'boolean', help: 'show stack traces' },
    };
    const parsed = parse(known, positionals);
    debug = parsed.values.debug ?? false;
    if (parsed.values.help) return console.log(helpText(usage, about, known));
    await main({ ...parsed, signal: stop.signal, onProgress: terminalProgress() });
  } catch (error) {
    clearLine();
    if (stop.signal.aborted) {
      console.error(`Stopped. ${typeof resume === 'function' ? resume() : resume}`);
      process.exitCode = 130;
    } else if (error instanceof UsageError) {
      console.error(`error: ${error.message}\nusage: ${usage}   (--help tells more)`);
      process.exitCode = 2;
    } else {
      console.error(debug ? error : `error: ${oneLine(error instanceof Error ? error.message : String(error))}`);
      process.exitCode = 1;
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

/** On a real account, the first line says whose it is. */
export async function announce(aws) {
  if (aws.real) console.error(`Working in ${await identity(aws)}.`);
}

/** The arguments after the script's own name, whether node or zx runs it. */
function ownArguments() {
  const at = process.argv.findIndex(
    (argument, i) => i > 0 && path.dirname(path.resolve(argument)) === import.meta.dirname && argument.endsWith('.mjs'),
  );
  return process.argv.slice(at + 1);
}

function parse(options, positionals) {
  try {
    const parsed = parseArgs({
      args: ownArguments(),
      options: withoutHelp(options),
      allowPositionals: positionals > 0,
    });
    if (parsed.positionals.length > positionals)
      throw new Error(`Unexpected argument '${parsed.positionals[positionals]}'`);
    return parsed;
  } catch (error) {
    throw new UsageError(oneLine(error.message.split('. ')[0]));
  }
}

const oneLine = (text) => text.trim().replace(/\s*\n\s*/g, ' ');

const withoutHelp = (options) =>
  Object.fromEntries(
    Object.entries(options).map(([name, { help: _help, value: _value, ...option }]) => [name, option]),
  );

function helpText(usage, about, options) {
  const rows = Object.entries(options).map(([name, { short, type, value = 'VALUE', help }]) => [
    `${short ? `-${short}, ` : ''}--${name}${type === 'string' ? ` ${value}` : ''}`,
    help,
  ]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return [`usage: ${usage}`, '', about, '', ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`)].join(
    '\n',
  );
}
