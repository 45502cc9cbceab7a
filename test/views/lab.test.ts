import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lab-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm run lab says in one line what is missing', () => {
  test.each([
    [
      'a Python that is not there',
      'no-such-python',
      /needs Python 3.10 or newer, and 'no-such-python' does not run\. Install one .*, or name it with --python/,
    ],
    ['a Python that is too old', 'echo 3.9', /needs Python 3.10 or newer, and .*python is 3.9, too old\./],
    [
      'the venv module',
      'if [ "$1" = -c ]; then echo 3.12; else echo "ensurepip is not available"; exit 1; fi',
      /cannot make an environment .*apt install python3-venv/,
    ],
  ])('%s', async (_, python, message) => {
    expect(await lab('--python', python.includes(' ') ? await script(python) : python)).toEqual({
      status: 1,
      said: expect.stringMatching(message),
    });
  });

  test('a port that is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await lab('--port', String(port))).toEqual({
      status: 1,
      said: `error: Port ${port} is taken. Leave out --port to use the first free one.\n`,
    });
    server.close();
  });

  test('a port that is none', async () => {
    expect(await lab('--port', '80000')).toEqual({
      status: 2,
      said: expect.stringMatching(/^error: --port is '80000'; give a whole number from 1 to 65535\n/),
    });
  });
});

/** A program that stands for Python. */
async function script(line: string): Promise<string> {
  const file = path.join(folder, 'python');
  await writeFile(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return file;
}

function lab(...options: string[]): Promise<{ status: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/lab.mjs', '--only-environment', ...options],
      (_, _stdout, said) => {
        resolve({ status: child.exitCode ?? -1, said });
      },
    );
  });
}
