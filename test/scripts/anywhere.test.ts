import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

let parent: string;
let kit: string;
beforeAll(async () => {
  parent = await realpath(await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-')));
  kit = path.join(parent, 'a#b?c%20d & ü', 'kit');
  await mkdir(path.join(kit, 'node_modules/.bin'), { recursive: true });
  for (const part of ['package.json', 'scripts', 'localstack', 'dist'])
    await cp(part, path.join(kit, part), { recursive: true });
  // zx does nothing where its own path has such a character: it is copied, the other packages need not be.
  await cp('node_modules/zx', path.join(kit, 'node_modules/zx'), { recursive: true });
  await symlink('../zx/build/cli.js', path.join(kit, 'node_modules/.bin/zx'));
  for (const name of await readdir('node_modules'))
    if (!['zx', '.bin'].includes(name))
      await symlink(path.resolve('node_modules', name), path.join(kit, 'node_modules', name));
});
afterAll(() => rm(parent, { recursive: true }));

it.each([
  ['npm', ['run', '-s', 'seed', '--', '--help']],
  [process.execPath, ['scripts/query.mjs', '--help']],
  [process.execPath, ['scripts/notebooks-html.mjs', '--help']],
])('%s %j works in a folder whose path has #, ?, a percent sign and spaces', async (command, args) => {
  const { stdout } = await promisify(execFile)(command, args, { cwd: kit });
  expect(stdout).toMatch(/^usage: /);
});
