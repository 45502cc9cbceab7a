import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Aws } from '../aws/index.js';
import { PipelineError, shared } from '../work/index.js';
import { type Confirm, confirming } from './confirm.js';
import { type Holder, releaseLock, renewLock, takeLock } from './lock.js';

/** Seconds that the lock of a run holds, and after which it is renewed. */
const term = 60;
const renewal = 15;

/** What work on a folder that it holds has to keep to. */
export interface Held {
  /** Aborted as well where the lock is lost. */
  signal: AbortSignal;
  /** Makes sure that the folder is still held. @throws PipelineError `run.folderTaken`, `job.folderTaken` */
  confirm: Confirm;
}

/**
 * Does work that writes to a folder while this run, and nobody else, holds the folder's lock.
 *
 * @throws PipelineError `run.folderTaken`, `job.folderTaken` where another has it, or takes it over because this
 * process was stopped for longer than the lock's term; whatever the work throws.
 */
export async function holdFolder<T>(
  aws: Aws,
  folder: string,
  outer: AbortSignal | undefined,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const holder: Holder = { owner: randomUUID(), kind: 'run', seconds: term, process: ownProcess() };
  await takeLock(aws, folder, holder, async ({ process }) => process !== undefined && hasEnded(process));
  const lost = new AbortController();
  const signal = shared(outer ? AbortSignal.any([outer, lost.signal]) : lost.signal);
  let renewed = Date.now();
  const confirm = confirming(async () => {
    await renewLock(aws, folder, holder, async () => true);
    renewed = Date.now();
  });
  const renew = async () => {
    try {
      await confirm(0);
    } catch (error) {
      // A request that fails is tried again until the term is past: then another may have taken the lock.
      const taken = error instanceof PipelineError && error.code.endsWith('.folderTaken');
      if (taken || Date.now() - renewed > term * 1000) lost.abort(error);
    }
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => void (renewing = renew()), renewal * 1000).unref();
  try {
    return await work({ signal, confirm });
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(timer);
    // A renewal that is under way would write the lock anew after it was given up.
    await renewing;
    // Where it cannot be given up now, its term ends it.
    await releaseLock(aws, folder, holder).catch(() => {});
  }
}

const ownProcess = (): NonNullable<Holder['process']> => ({
  machine: machine(),
  host: hostname(),
  pid: process.pid,
});

/** Where pids mean the same processes: containers of one machine have pids of their own, even under one host name. */
function machine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Whether a process is known to have ended: one of this machine, where its pid is no process's. */
function hasEnded({ machine: where, pid }: NonNullable<Holder['process']>): boolean {
  if (where !== machine()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
