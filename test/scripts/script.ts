import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';

/** Has no profile, credentials or settings of the person who runs the tests. */
const home = path.join(os.tmpdir(), 'ml-pipeline-no-such-home');

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  /** Ctrl-C. */
  interrupt(): void;
  /** Ends it as a crash does. */
  kill(): void;
  /** Resolves when it has printed such a line, with the match. */
  printed(line: RegExp): Promise<RegExpExecArray>;
  outcome: Promise<Outcome>;
}

type Environment = Record<string, string>;

/**
 * Starts a script as a person does (`npx zx scripts/<name>.mjs …`), with nothing of this process's environment but the
 * PATH.
 */
export function start(name: string, args: readonly string[], env: Environment): Running {
  const child = spawn('node_modules/.bin/zx', [`scripts/${name}.mjs`, ...args], {
    env: { PATH: process.env.PATH, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    interrupt: () => void child.kill('SIGINT'),
    kill: () => void child.kill('SIGKILL'),
    printed: (line) =>
      new Promise((resolve) => {
        let printed = '';
        child.stdout.on('data', (data: Buffer) => {
          printed += data.toString();
          const found = line.exec(printed);
          if (found) resolve(found);
        });
      }),
    outcome: Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[status], stdout, stderr]) => ({
        status: typeof status === 'number' ? status : null,
        stdout,
        stderr,
      }),
    ),
  };
}

/** Runs a script to its end. */
export const run = (name: string, args: readonly string[], env: Environment): Promise<Outcome> =>
  start(name, args, env).outcome;

/** Runs scripts that end at once, one after the other in one process: to start one each takes longer than they do. */
export async function runEach(
  commands: readonly (readonly [name: string, args: readonly string[]])[],
  env: Environment,
): Promise<Outcome[]> {
  const list = JSON.stringify(commands.map(([name, args]) => [name, ...args]));
  const child = spawn(process.execPath, ['test/scripts/one-process.mjs', list], {
    env: { PATH: process.env.PATH, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout));
}

/** The one object that `--json` prints; fails where the script did, or printed anything else on stdout. */
export function json({ status, stdout, stderr }: Outcome) {
  expect({ status, error: /^error.*$/m.exec(stderr)?.[0] }).toEqual({ status: 0, error: undefined });
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
}

/** What stands on stderr beside the progress: one line, as a person reads it, without a stack. */
export function errorLine({ stderr }: Outcome): string {
  const line = stderr.replace(/^\w+ +[█░\d].*\n/gm, '');
  expect(line).toMatch(/^error: [^\n]+\n$/);
  return line;
}
