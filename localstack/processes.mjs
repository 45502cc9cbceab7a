// What this machine's processes are, where it can be known.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The command line of a process, its arguments separated by spaces; empty where it has ended. */
export function commandOf(pid) {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    return `${args.toString().trim()} `;
  } catch {
    return '';
  }
}

/** Who listens on a port of this machine, as `nginx (pid 12)`, where lsof or ss is there to tell. */
export async function listenerOf(port) {
  const lsof = /^p(\d+)\nc(.+)$/m.exec(await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']));
  if (lsof) return `${lsof[2]} (pid ${lsof[1]})`;
  const ss = /users:\(\("([^"]+)",pid=(\d+)/.exec(await output('ss', ['-ltnpH', `sport = :${port}`]));
  return ss ? `${ss[1]} (pid ${ss[2]})` : undefined;
}

const output = (program, parameters) =>
  new Promise((resolve) => {
    execFile(program, parameters, { timeout: 3000 }, (error, stdout) => resolve(error ? '' : stdout));
  });
