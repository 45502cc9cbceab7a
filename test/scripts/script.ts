import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** Has no profile, credentials or settings of the person who runs the tests. */
const home = mkdtempSync(path.join(os.tmpdir(), 'ml-pipeline-home-'));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  /** Ctrl-C. */
  interrupt(): void;
  outcome: Promise<Outcome>;
}

type Environment = Record<string, string>;

/** Starts a script as a person does (`npx zx scripts/<name>.mjs …`), with nothing of this process's environment but the PATH. */
export function start(name: string, args: readonly string[], env: Environment): Running {
  const child = spawn('node_modules/.bin/zx', [`scripts/${name}.mjs`, ...args], {
    env: { PATH: process.env['PATH'], HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    interrupt: () => void child.kill('SIGINT'),
    outcome: Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(([[status], stdout, stderr]) => ({
      status: typeof status === 'number' ? status : null,
      stdout,
      stderr,
    })),
  };
}

/** Runs a script to its end. */
export const run = (name: string, args: readonly string[], env: Environment): Promise<Outcome> => start(name, args, env).outcome;

/** What a script's error is: the lines of stderr that are no progress. */
export const errorLines = ({ stderr }: Outcome): string[] => stderr.trimEnd().split('\n').filter((line) => !/\d\/s|\d (images|products|MB|files)( |$)/.test(line) || line.startsWith('error'));
