// Brings a mock of AWS up and down: LocalStack in Docker, or the embedded emulator as a process in the background.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { PipelineError } from '../dist/errors.js';
import { startLocalStack, stopLocalStack } from './docker.mjs';
import { commandOf, listenerOf } from './processes.mjs';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(import.meta.dirname, 'emulator.mjs');
export const defaultPort = 4566;

/** What the two mocks are called. */
export const titles = { docker: 'LocalStack in Docker', embedded: 'the embedded emulator' };

/** What `up` leaves behind for a port, in a folder that git ignores: the emulator's pid, LocalStack's marker, a log. */
const folder = path.join(root, '.emulator');
const file = (port, kind) => path.join(folder, `${port}.${kind}`);

/** Which mock answers at an endpoint within a second: `docker` (any LocalStack), `embedded`, or undefined. */
export async function answers(endpoint) {
  try {
    const response = await fetch(new URL('/_localstack/health', endpoint), { signal: AbortSignal.timeout(1000) });
    const { services, edition } = await response.json();
    if (!services?.dynamodb || !services.s3) return undefined;
    return edition === 'embedded' ? 'embedded' : 'docker';
  } catch {
    return undefined;
  }
}

/**
 * Starts a mock of AWS at 127.0.0.1:`port`, unless one answers there already. `mode` is `docker`, `embedded`, or `auto`:
 * Docker where a daemon answers and has the image or can pull it. Gives `{ kind, endpoint, started, why }`. The mock goes
 * on when the caller ends.
 */
export async function up({ mode = 'auto', port = defaultPort, log = () => {}, signal } = {}) {
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
  return { kind: 'embedded', endpoint, started: await startEmbedded(port, endpoint), why };
}

/** Stops what `up` started at `port`, and nothing else. Gives lines that say what it did, or why there was nothing to do. */
export async function down({ port = defaultPort, signal } = {}) {
  const done = [];
  if (existsSync(file(port, 'docker'))) {
    await stopLocalStack({ port, marker: file(port, 'docker'), signal });
    done.push(`LocalStack at port ${port} is down.`);
  }
  const pid = pidOf(port);
  if (pid !== undefined) {
    const ours = isEmulator(pid, port);
    if (ours) await end(pid);
    for (const kind of ['pid', 'log']) rmSync(file(port, kind), { force: true });
    done.push(`The embedded emulator at port ${port} ${ours ? `is down (pid ${pid})` : 'had already ended'}.`);
  }
  if (done.length > 0) return done;
  const other = (await answers(`http://127.0.0.1:${port}`)) ? ' What answers there was started otherwise.' : '';
  return [`Nothing to stop: 'up' started nothing at port ${port}.${other}`];
}

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

/** ` --port N` where that needs saying. */
export const portOption = (port) => (port === defaultPort ? '' : ` --port ${port}`);

/** True once it is ready, false where another `up` of the same moment was quicker. */
async function startEmbedded(port, endpoint) {
  const output = openSync(file(port, 'log'), 'a');
  const child = spawn(process.execPath, [program, '--port', String(port), '--pid-file', file(port, 'pid')], {
    cwd: root,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ready = await new Promise((resolve, reject) => {
    child.once('message', () => resolve(true)).once('exit', () => resolve(false)).once('error', reject);
  });
  child.unref();
  if (!ready && !(await answers(endpoint))) {
    const reason = readFileSync(file(port, 'log'), 'utf8').trim().split('\n').at(-1);
    const message = `The embedded emulator does not start: ${reason} (log: ${file(port, 'log')})`;
    throw new PipelineError('mock.cannotStart', message);
  }
  return ready;
}

/** The pid that the emulator of a port wrote down. */
function pidOf(port) {
  try {
    return Number(readFileSync(file(port, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process is that emulator still: pids are used again. */
function isEmulator(pid, port) {
  const command = commandOf(pid);
  return command.includes('emulator.mjs') && command.includes(`--port ${port} `);
}

/** Ends a process and waits until it has ended: asked first, killed after 5 seconds. */
async function end(pid) {
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; commandOf(pid) !== ''; waited += 50) {
    if (waited === 5000) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const taken = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1').setTimeout(1000);
    const answer = (connected) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => answer(true)).once('timeout', () => answer(true)).once('error', () => answer(false));
  });

function portTaken(port, holder) {
  const remedy = `Stop it, or give another port: npx zx scripts/up.mjs --port ${port + 1}`;
  const message = `Port ${port} is taken by ${holder ?? 'another program'}, which is no mock of AWS. ${remedy}`;
  return new PipelineError('mock.portTaken', message, { value: port });
}
