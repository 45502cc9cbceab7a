import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const here = path.resolve(import.meta.dirname, '../..');

it('a checkout anywhere runs a model in a process of its own', async () => {
  const above = await mkdtemp(path.join(await realpath(os.tmpdir()), 'checkout-'));
  const kit = path.join(above, 'src', 'model', 'dist', '100% #1', 'kit');
  try {
    await mkdir(kit, { recursive: true });
    for (const name of ['dist', 'package.json'])
      await cp(path.join(here, name), path.join(kit, name), { recursive: true });
    await symlink(path.join(here, 'node_modules'), path.join(kit, 'node_modules'));
    const code =
      `import { loadModel } from './dist/index.js'; const model = await loadModel(undefined, { backend: 'wasm' }); ` +
      'console.log((await model.predict([new Uint8Array()]))[0].code); model.dispose();';
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd: kit });
    expect((await run).stdout).toBe('image.unreadable\n');
  } finally {
    await rm(above, { recursive: true });
  }
});
