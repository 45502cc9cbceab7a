// What `up` leaves behind for a port, in a folder that git ignores: the pids of the mocks and of the worker,
// LocalStack's marker, logs, and the data of the mocks that keep it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf } from './processes.mjs';

const root = path.resolve(import.meta.dirname, '..');
export const folder = path.join(root, '.emulator');

/** @param {number} port @param {string} kind */
export const file = (port, kind) => path.join(folder, `${port}.${kind}`);

const states = () => path.resolve(process.env.ML_PIPELINE_STATE || folder);

/** The programs that `up` starts: where their pid is, what their command line has, and where they keep their data. */
export const programs = {
  embedded: { pid: 'pid', log: 'log', program: 'emulator.mjs --port', state: '' },
  ministack: { pid: 'ministack.pid', log: 'ministack.log', program: 'run_ministack.py --port', state: '.ministack' },
  worker: { pid: 'worker.pid', log: 'worker.log', program: 'worker.mjs --give-up-after 30 --beside', state: undefined },
};

/** @typedef {keyof typeof programs} Program */

/** Where a mock of a port keeps its data. @param {number} port @param {Exclude<Program, 'worker'>} kind */
export const stateOf = (port, kind) => path.join(states(), `${port}${programs[kind].state}`);

/**
 * The pid that was written down for a program of a port.
 *
 * @param {number} port
 * @param {Program} kind
 */
export function pidOf(port, kind) {
  try {
    return Number(readFileSync(file(port, programs[kind].pid), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** The same where that program still runs: pids are used again. @param {number} port @param {Program} kind */
export function runningPid(port, kind) {
  const pid = pidOf(port, kind);
  return pid !== undefined && commandOf(pid).includes(`${programs[kind].program} ${port} `) ? pid : undefined;
}

/** A folder as seen from here, where it lies below. @param {string} folder */
export function here(folder) {
  const relative = path.relative('', folder);
  return relative.startsWith('..') ? folder : relative;
}
