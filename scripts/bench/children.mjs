// The bench's processes: each leads a group of its own and ends with all that it started, however the bench ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { signalTo } from '../../localstack/processes.mjs';

/** @import { ChildProcess } from 'node:child_process' */

/** @type {Set<ChildProcess>} */
const running = new Set();
process.on('exit', () => running.forEach(end));

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv | undefined, cwd?: string | undefined }} [options]
 */
function start(program, args, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends the group of a process. @param {ChildProcess} child */
function end(child) {
  if (running.has(child) && child.pid !== undefined) signalTo(-child.pid, 'SIGKILL');
}

/**
 * Starts a server of this folder, which prints its endpoint when it listens.
 *
 * @param {string} file
 * @param {string[]} args
 */
export async function startServer(file, ...args) {
  const child = start(process.execPath, [path.join(import.meta.dirname, file), ...args]);
  child.stderr.pipe(process.stderr);
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([status]) => Promise.reject(new Error(`${file} ended with status ${status}`))),
  ]);
  return { endpoint: String(line).trim(), close: () => end(child) };
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, signal: AbortSignal }} options
 */
export async function run(program, args, { env, cwd, signal }) {
  const child = start(program, args, { env, cwd });
  const stop = () => end(child);
  signal.addEventListener('abort', stop);
  try {
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    signal.throwIfAborted();
    const lines = stderr.trim().split('\n');
    if (status !== 0)
      throw new Error(
        `${path.basename(program)} ended with status ${status}: ` +
          `${lines.findLast((line) => /^[\w.]+: /.test(line)) ?? lines.at(-1)}`,
      );
    return stdout;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
