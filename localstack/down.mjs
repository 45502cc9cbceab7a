// Takes down what `up` has started.
import { existsSync, rmSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { stopLocalStack } from './docker.mjs';
import { answers, contentsInWords, defaultPort, healthOf } from './lifecycle.mjs';
import { file, here, pidOf, programs, runningPid, stateOf } from './places.mjs';
import { end } from './processes.mjs';

/** Milliseconds that MiniStack has to end in: it writes all that it holds. */
const patience = 120_000;

/**
 * Stops what `up` started at `port`, and nothing else; with `deleteState`, throws away what the mocks have kept there.
 * Returns lines that say what it did, or why there was nothing to do.
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
  const worker = runningPid(port, 'worker');
  if (worker !== undefined) {
    await end(worker);
    done.push(`The worker at port ${port} is down (pid ${worker}).`);
  }
  forget(port, 'worker');
  const ended = { embedded: await endMock(port, 'embedded'), ministack: await endMock(port, 'ministack', patience) };
  if (ended.embedded) done.push(`The embedded emulator at port ${port} ${ended.embedded}.`);
  if (ended.ministack) done.push(`MiniStack at port ${port} ${ended.ministack}.`);
  const states = { embedded: stateOf(port, 'embedded'), ministack: stateOf(port, 'ministack') };
  const known = health?.state === states.embedded ? contentsInWords(health) : undefined;
  if (throwAway) {
    if (await deleteState(states.embedded, 'state.json', ['tables', 'objects', 'state.json']))
      done.push(`Thrown away: ${here(states.embedded)}${known ? `, ${known}` : ''}.`);
    if (await deleteState(states.ministack, 'scratch', ['state', 's3', 'scratch']))
      done.push(`Thrown away: ${here(states.ministack)}.`);
  } else {
    if (known) done.push(`${here(states.embedded)} keeps what it held for the next 'up': ${known}.`);
    if (ended.ministack && existsSync(path.join(states.ministack, 'state')))
      done.push(`${here(states.ministack)} keeps what it held for the next 'up --ministack'.`);
  }
  if (done.length > 0) return done;
  const other = (await answers(`http://127.0.0.1:${port}`)) ? ' What answers there was started otherwise.' : '';
  return [`Nothing to stop: 'up' started nothing at port ${port}.${other}`];
}

/**
 * Ends a mock that `up` has started. Returns how it is with it now; undefined where there was none.
 *
 * @param {number} port
 * @param {'embedded' | 'ministack'} kind
 * @param {number} [patience] Milliseconds.
 */
async function endMock(port, kind, patience) {
  const there = pidOf(port, kind) !== undefined;
  const pid = runningPid(port, kind);
  if (pid !== undefined) await end(pid, patience);
  forget(port, kind);
  if (!there) return undefined;
  return pid === undefined ? 'had already ended' : `is down (pid ${pid})`;
}

/** @param {number} port @param {keyof typeof programs} kind */
function forget(port, kind) {
  for (const name of [programs[kind].pid, programs[kind].log]) rmSync(file(port, name), { force: true });
}

/**
 * Throws the state in a folder away, and nothing else that may be there. Whether there was one.
 *
 * @param {string} folder
 * @param {string} mark What every state has.
 * @param {readonly string[]} names What it may have.
 */
async function deleteState(folder, mark, names) {
  if (!existsSync(path.join(folder, mark))) return false;
  for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true });
  await rmdir(folder).catch(() => {});
  return true;
}
