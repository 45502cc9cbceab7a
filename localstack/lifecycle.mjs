// Brings a mock of AWS up and down: LocalStack in Docker, or the embedded emulator as a process in the background.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { PipelineError, plural } from '../dist/work/index.js';
import { startLocalStack, stopLocalStack } from './docker.mjs';
import { background, commandOf, end, listenerOf } from './processes.mjs';

/**
 * @typedef {'docker' | 'embedded'} Kind A mock of AWS: LocalStack, or the embedded emulator.
 * @typedef {Kind | 'auto'} Mode Which of them to start.
 */

const root = path.resolve(import.meta.dirname, '..');
const emulatorProgram = path.join(import.meta.dirname, 'emulator.mjs');
const workerProgram = path.join(root, 'scripts/worker.mjs');
export const defaultPort = 4566;

/** What the two mocks are called. */
export const titles = { docker: 'LocalStack in Docker', embedded: 'the embedded emulator' };

/**
 * What `up` leaves behind for a port, in a folder that git ignores: the pids of emulator and worker, LocalStack's
 * marker, logs, and the emulator's data.
 */
const folder = path.join(root, '.emulator');
/** Where the emulator of a port keeps its data. @param {number} port */
const stateOf = (port) => path.join(path.resolve(process.env.ML_PIPELINE_STATE || folder), String(port));
/** @param {number} port @param {string} kind */
const file = (port, kind) => path.join(folder, `${port}.${kind}`);

/**
 * @typedef {object} Contents What an embedded emulator holds, and in which folder it keeps that; null for in memory.
 * @property {string | null} state
 * @property {number} products
 * @property {number} datasets
 *
 * @typedef {{ services?: Record<string, string>, edition?: string } & Contents} Health
 */

/**
 * Which mock answers at an endpoint within a second: `docker` is any LocalStack.
 *
 * @param {string} endpoint
 * @returns {Promise<Kind | undefined>}
 */
export async function answers(endpoint) {
  const { services, edition } = (await healthOf(endpoint)) ?? {};
  if (!services?.dynamodb || !services.s3) return undefined;
  return edition === 'embedded' ? 'embedded' : 'docker';
}

/** @param {string} endpoint @returns {Promise<Health | undefined>} */
async function healthOf(endpoint) {
  try {
    const response = await fetch(new URL('/_localstack/health', endpoint), { signal: AbortSignal.timeout(1000) });
    return /** @type {Health} */ (await response.json());
  } catch {
    return undefined;
  }
}

/** `39,930 products, 3 data sets`; empty where there are none. @param {Partial<Contents>} contents */
const contentsInWords = ({ products = 0, datasets = 0 }) =>
  [...(products ? [plural(products, 'product')] : []), ...(datasets ? [plural(datasets, 'data set')] : [])].join(', ');

/** A folder as seen from here, where it lies below. @param {string} folder */
function here(folder) {
  const relative = path.relative('', folder);
  return relative.startsWith('..') ? folder : relative;
}

/** Where an emulator keeps its data, and what that is. @param {Contents} contents */
export const keeping = (contents) =>
  contents.state === null
    ? 'It keeps its data in memory.'
    : `It keeps its data in ${here(contents.state)}: ${contentsInWords(contents) || 'none yet'}.`;

/**
 * Starts a mock of AWS at 127.0.0.1:`port`, unless one answers there already. `mode` is `docker`, `embedded`, or
 * `auto`: Docker where a daemon answers and has the image or can pull it. Beside the embedded emulator a `worker` runs
 * what its queues ask for. Both go on when the caller ends. The emulator keeps its data on disk, for the next `up` at
 * the same port, unless it is to be in `memory`.
 *
 * Returns what runs where, `started` and `worker` being true for what this call has started, and what the emulator
 * `contains`.
 *
 * @param {Partial<MockOptions> & { worker?: boolean }} [options]
 * @throws {PipelineError} `mock.otherKind`, `mock.portTaken`, `mock.noDocker`, `mock.cannotStart`
 */
export async function up({ worker = true, port = defaultPort, ...options } = {}) {
  const mock = await upMock({ port, ...options });
  if (mock.kind !== 'embedded') return { ...mock, worker: false, contains: undefined };
  const started = worker && (await startWorker(port, mock.endpoint));
  return { ...mock, worker: started, contains: await healthOf(mock.endpoint) };
}

/**
 * @typedef {object} MockOptions
 * @property {number} port
 * @property {Mode} [mode]
 * @property {boolean} [memory] Whether the embedded emulator keeps nothing; default false.
 * @property {(line: string) => void} [log] Receives what takes a while.
 * @property {AbortSignal} [signal]
 */

/**
 * @param {MockOptions} options
 * @returns {Promise<{ kind: Kind, endpoint: string, started: boolean, why: string }>}
 */
async function upMock({ mode = 'auto', memory = false, port, log = () => {}, signal }) {
  const endpoint = `http://127.0.0.1:${port}`;
  const already = await running(endpoint, mode, port);
  if (already) return already;
  if (await taken(port)) throw portTaken(port, await listenerOf(port));

  mkdirSync(folder, { recursive: true });
  let why = 'as asked';
  if (mode !== 'embedded') {
    const ready = () => answers(endpoint);
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

/**
 * Stops what `up` started at `port`, and nothing else; with `deleteState`, throws away what the embedded emulator has
 * kept there. Returns lines that say what it did, or why there was nothing to do.
 *
 * @param {{ port?: number, deleteState?: boolean, signal?: AbortSignal }} [options]
 * @throws {PipelineError} `mock.dockerDown`
 */
export async function down({ port = defaultPort, deleteState: throwAway = false, signal } = {}) {
  const done = [];
  const health = await healthOf(`http://127.0.0.1:${port}`);
  if (existsSync(file(port, 'docker'))) {
    await stopLocalStack({ port, marker: file(port, 'docker'), signal });
    done.push(`LocalStack at port ${port} is down.`);
  }
  const worker = workerOf(port);
  if (worker !== undefined) {
    await end(worker);
    done.push(`The worker at port ${port} is down (pid ${worker}).`);
  }
  for (const kind of ['worker.pid', 'worker.log']) rmSync(file(port, kind), { force: true });
  const pid = pidOf(port, 'pid');
  if (pid !== undefined) {
    const ours = isEmulator(pid, port);
    if (ours) await end(pid);
    for (const kind of ['pid', 'log']) rmSync(file(port, kind), { force: true });
    done.push(`The embedded emulator at port ${port} ${ours ? `is down (pid ${pid})` : 'had already ended'}.`);
  }
  const state = stateOf(port);
  const known = health?.state === state ? contentsInWords(health) : undefined;
  if (throwAway && (await deleteState(state))) done.push(`Thrown away: ${here(state)}${known ? `, ${known}` : ''}.`);
  else if (known) done.push(`${here(state)} keeps what it held for the next 'up': ${known}.`);
  if (done.length > 0) return done;
  const other = (await answers(`http://127.0.0.1:${port}`)) ? ' What answers there was started otherwise.' : '';
  return [`Nothing to stop: 'up' started nothing at port ${port}.${other}`];
}

/**
 * Throws the state in a folder away, and nothing else that may be there. Whether there was one.
 *
 * @param {string} folder
 */
async function deleteState(folder) {
  if (!existsSync(path.join(folder, 'state.json'))) return false;
  for (const name of ['tables', 'objects', 'state.json'])
    await rm(path.join(folder, name), { recursive: true, force: true });
  await rmdir(folder).catch(() => {});
  return true;
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
  const kept = memory ? [] : ['--state', stateOf(port)];
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
  const left = pidOf(port, 'worker.pid');
  if (workerOf(port) !== undefined) return false;
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

/**
 * The pid that was written down for the emulator of a port, or for its worker.
 *
 * @param {number} port
 * @param {'pid' | 'worker.pid'} kind
 */
function pidOf(port, kind) {
  try {
    return Number(readFileSync(file(port, kind), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process still is that emulator: pids are used again. @param {number} pid @param {number} port */
function isEmulator(pid, port) {
  const command = commandOf(pid);
  return command.includes('emulator.mjs') && command.includes(`--port ${port} `);
}

/** The pid of the worker of a port, where it runs. @param {number} port */
function workerOf(port) {
  const pid = pidOf(port, 'worker.pid');
  const command = pid === undefined ? '' : commandOf(pid);
  return command.includes('worker.mjs') && command.includes(`--beside ${port} `) ? pid : undefined;
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
