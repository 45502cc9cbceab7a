// The processes of this machine: starting them, ending them, and what they are, where it can be known.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The command line of a process, its arguments separated by spaces; empty where it has ended. @param {number} pid */
export function commandOf(pid) {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    return `${args.toString().trim()} `;
  } catch {
    return '';
  }
}

/**
 * Sends a signal to a process, or to a group (`-pid`); does nothing where it has ended.
 *
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
export function signalTo(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Ends a process and waits until it has ended: asked first, killed when patience is over.
 *
 * @param {number} pid
 * @param {number} [patience] Milliseconds.
 */
export async function end(pid, patience = 5000) {
  signalTo(pid, 'SIGTERM');
  for (let waited = 0; commandOf(pid) !== ''; waited += 50) {
    if (waited === patience) signalTo(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Starts a program that says when it is `ready` (false where it ends instead), and lets it go on when this process
 * ends.
 *
 * @param {string} log The file for what it prints.
 * @param {string[]} parameters
 * @param {Record<string, string>} [env]
 */
export function background(log, parameters, env = {}) {
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, parameters, {
    cwd: path.dirname(import.meta.dirname),
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ready = new Promise((resolve, reject) => {
    child
      .once('message', () => resolve(true))
      .once('exit', () => resolve(false))
      .once('error', reject);
  }).finally(() => child.unref());
  return { ready, pid: child.pid };
}

/** Who listens on a port of this machine: `nginx (pid 12)`; undefined without lsof and ss. @param {number} port */
export async function listenerOf(port) {
  const lsof = /^p(\d+)\nc(.+)$/m.exec(await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']));
  if (lsof) return `${lsof[2]} (pid ${lsof[1]})`;
  const ss = /users:\(\("([^"]+)",pid=(\d+)/.exec(await output('ss', ['-ltnpH', `sport = :${port}`]));
  return ss ? `${ss[1]} (pid ${ss[2]})` : undefined;
}

/**
 * What a program prints; empty where it fails or takes more than 3 seconds.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @returns {Promise<string>}
 */
const output = (program, parameters) =>
  new Promise((resolve) => {
    execFile(program, parameters, { timeout: 3000 }, (error, stdout) => resolve(error ? '' : stdout));
  });
