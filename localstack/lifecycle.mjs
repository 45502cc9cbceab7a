// Brings a mock of AWS up: LocalStack in Docker, or as a process in the background the embedded emulator or MiniStack.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { PipelineError, plural } from '../dist/quick.js';
import { startLocalStack } from './docker.mjs';
import { startMiniStack } from './ministack.mjs';
import { file, folder, here, pidOf, programs, runningPid, stateOf } from './places.mjs';
import { background, end, listenerOf } from './processes.mjs';

/**
 * @typedef {'docker' | 'embedded' | 'ministack'} Kind A mock of AWS.
 * @typedef {Kind | 'auto'} Mode Which of them to start.
 */

const emulatorProgram = path.join(import.meta.dirname, 'emulator.mjs');
const workerProgram = path.resolve(import.meta.dirname, '../scripts/worker.mjs');
export const defaultPort = 4566;

/** What the mocks are called. */
export const titles = { docker: 'LocalStack in Docker', embedded: 'the embedded emulator', ministack: 'MiniStack' };

/**
 * @typedef {object} Contents What a mock holds, where it says so, and the folder that keeps it; null for in memory.
 * @property {string | null} state
 * @property {number} [products]
 * @property {number} [datasets]
 *
 * @typedef {{ services?: Record<string, string>, edition?: string, ready_scripts?: object } & Contents} Health
 */

/**
 * Which mock answers at an endpoint within a second: `docker` is any LocalStack.
 *
 * @param {string} endpoint
 * @returns {Promise<Kind | undefined>}
 */
export async function answers(endpoint) {
  const { services, edition, ready_scripts: scripts } = (await healthOf(endpoint)) ?? {};
  if (!services?.dynamodb || !services.s3) return undefined;
  // Both answer LocalStack's path; MiniStack alone says how the scripts went that it runs once it is ready.
  return edition === 'embedded' ? 'embedded' : scripts ? 'ministack' : 'docker';
}

/** @param {string} endpoint @returns {Promise<Health | undefined>} */
export async function healthOf(endpoint) {
  try {
    const response = await fetch(new URL('/_localstack/health', endpoint), { signal: AbortSignal.timeout(1000) });
    return /** @type {Health} */ (await response.json());
  } catch {
    return undefined;
  }
}

/** `39,930 products, 3 data sets`; empty where there are none. @param {Partial<Contents>} contents */
export const contentsInWords = ({ products = 0, datasets = 0 }) =>
  [...(products ? [plural(products, 'product')] : []), ...(datasets ? [plural(datasets, 'data set')] : [])].join(', ');

/** Where a mock keeps its data, and what that is where it says so. @param {Contents} contents */
export function keeping(contents) {
  if (contents.state === null) return 'It keeps its data in memory.';
  const known = contents.products === undefined ? '' : `: ${contentsInWords(contents) || 'none yet'}`;
  return `It keeps its data in ${here(contents.state)}${known}.`;
}

/**
 * Starts a mock of AWS at 127.0.0.1:`port`, unless one answers there already. `mode` is `docker`, `embedded`,
 * `ministack`, or `auto`: Docker where a daemon answers and has the image or can pull it, else the embedded emulator.
 * Beside the embedded emulator a `worker` runs what its queues ask for. All go on when the caller ends. But in Docker,
 * a mock keeps its data on disk, for the next `up` at the same port, unless it is to be in `memory`.
 *
 * Returns what runs where, `started` and `worker` being true for what this call has started, and what the mock
 * `contains`.
 *
 * @param {Partial<MockOptions> & { worker?: boolean }} [options]
 * @throws {PipelineError} `mock.otherKind`, `mock.portTaken`, `mock.noDocker`, `mock.cannotStart`, `mock.stateFolder`,
 * `python.missing`, `python.venv`, `python.pip`
 */
export async function up({ worker = true, port = defaultPort, ...options } = {}) {
  const mock = await upMock({ port, ...options });
  if (mock.kind === 'docker') return { ...mock, worker: false, contains: undefined };
  if (mock.kind === 'ministack') {
    // One that was there before keeps its data where whoever started it has said.
    const state = options.memory ? null : stateOf(port, 'ministack');
    return { ...mock, worker: false, contains: mock.started ? { state } : undefined };
  }
  const started = worker && (await startWorker(port, mock.endpoint));
  return { ...mock, worker: started, contains: await healthOf(mock.endpoint) };
}

/**
 * @typedef {object} MockOptions
 * @property {number} port
 * @property {Mode} [mode]
 * @property {boolean} [memory] Whether the mock keeps nothing on disk; default false.
 * @property {string | undefined} [python] The Python to make MiniStack's environment with, as a person named it.
 * @property {(line: string) => void} [log] Receives what takes a while.
 * @property {AbortSignal} [signal]
 */

/**
 * @param {MockOptions} options
 * @returns {Promise<{ kind: Kind, endpoint: string, started: boolean, why: string }>}
 */
async function upMock({ mode = 'auto', memory = false, port, python, log = () => {}, signal }) {
  const endpoint = `http://127.0.0.1:${port}`;
  const already = await running(endpoint, mode, port);
  if (already) return already;
  if (await taken(port)) throw portTaken(port, await listenerOf(port));

  mkdirSync(folder, { recursive: true });
  const ready = () => answers(endpoint);
  let why = 'as asked';
  if (mode === 'ministack') {
    const state = stateOf(port, 'ministack');
    const started = await startMiniStack({ port, state, memory, python, log, signal, ready });
    if (!started && !(await ready())) throw cannotStart('MiniStack', file(port, programs.ministack.log));
    return { kind: mode, endpoint, started, why };
  }
  if (mode !== 'embedded') {
    const { started, reason } = await startLocalStack({ port, marker: file(port, 'docker'), log, signal, ready });
    if (started) return { kind: 'docker', endpoint, started, why: reason };
    if (mode === 'docker') {
      const remedy = 'The embedded emulator needs no Docker: leave out --docker';
      throw new PipelineError('mock.noDocker', `LocalStack cannot start: ${reason}. ${remedy}.`);
    }
    why = reason;
  }
  return { kind: 'embedded', endpoint, started: await startEmbedded(port, endpoint, memory), why };
}

/** @param {string} endpoint @param {Mode} mode @param {number} port */
async function running(endpoint, mode, port) {
  const kind = await answers(endpoint);
  if (!kind) return undefined;
  if (mode !== 'auto' && mode !== kind) {
    const remedy = `Stop it first (npx zx scripts/down.mjs${portOption(port)}), or give another --port`;
    const message = `At ${endpoint} ${titles[kind]} answers already, not ${titles[mode]}. ${remedy}.`;
    throw new PipelineError('mock.otherKind', message, { value: endpoint });
  }
  return { kind, endpoint, started: false, why: 'it was already up' };
}

/** ` --port N` where it is not the default. @param {number} port */
export const portOption = (port) => (port === defaultPort ? '' : ` --port ${port}`);

/**
 * True once it is ready, false where another `up` was quicker.
 *
 * @param {number} port
 * @param {string} endpoint
 * @param {boolean} memory
 */
async function startEmbedded(port, endpoint, memory) {
  const kept = memory ? [] : ['--state', stateOf(port, 'embedded')];
  const parameters = ['--port', String(port), ...kept, '--pid-file', file(port, 'pid')];
  const ready = await background(file(port, 'log'), [emulatorProgram, ...parameters]).ready;
  if (ready) return true;
  // Another one that has the port may still be reading its data.
  while (await taken(port)) if (await answers(endpoint)) return false;
  throw cannotStart('The embedded emulator', file(port, 'log'));
}

/**
 * Starts the worker of an emulator, unless it runs already. It ends by itself when the emulator has been gone for a
 * while.
 *
 * @param {number} port
 * @param {string} endpoint
 */
async function startWorker(port, endpoint) {
  // Read before the file can be written by another `up` of the same moment: this is what an earlier worker has left.
  const left = pidOf(port, 'worker');
  if (runningPid(port, 'worker') !== undefined) return false;
  mkdirSync(folder, { recursive: true });
  if (left !== undefined) rmSync(file(port, 'worker.pid'), { force: true });
  const worker = background(
    file(port, 'worker.log'),
    [workerProgram, '--give-up-after', '30', '--beside', String(port)],
    { AWS_ENDPOINT_URL: endpoint },
  );
  try {
    // Of several started at once only the first one stays.
    writeFileSync(file(port, 'worker.pid'), String(worker.pid), { flag: 'wx' });
  } catch (error) {
    if (worker.pid !== undefined) await end(worker.pid);
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  if (await worker.ready) return true;
  rmSync(file(port, 'worker.pid'), { force: true });
  throw cannotStart('The worker', file(port, 'worker.log'));
}

/** @param {string} what @param {string} log */
function cannotStart(what, log) {
  const reason = readFileSync(log, 'utf8').trim().split('\n').at(-1);
  return new PipelineError('mock.cannotStart', `${what} does not start: ${reason} (log: ${log})`);
}

/** Whether anything listens at a port. @param {number} port @returns {Promise<boolean>} */
const taken = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1').setTimeout(1000);
    /** @param {boolean} connected */
    const answer = (connected) => {
      socket.destroy();
      resolve(connected);
    };
    socket
      .once('connect', () => answer(true))
      .once('timeout', () => answer(true))
      .once('error', () => answer(false));
  });

/** @param {number} port @param {string | undefined} holder */
function portTaken(port, holder) {
  const remedy = `Stop it, or give another port: npx zx scripts/up.mjs --port ${port + 1}`;
  const message = `Port ${port} is taken by ${holder ?? 'another program'}, which is not a mock of AWS. ${remedy}`;
  return new PipelineError('mock.portTaken', message, { value: port });
}
