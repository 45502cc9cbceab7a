// The processes of this machine: what they are, where it can be known, and signals to them.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

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
