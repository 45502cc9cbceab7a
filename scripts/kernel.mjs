#!/usr/bin/env zx
// Registers the notebooks' kernel where VS Code and a person's own Jupyter look for kernels.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { replaceFile } from '../dist/internal.js';
import { cli } from './lib/cli.mjs';
import { notebooks } from './lib/jupyter.mjs';

/** Not `tslab`, which a person may have registered on their own. */
const name = 'ml-pipeline';

await cli(
  {
    usage: 'npm run kernel [-- --remove]',
    about:
      'Registers the TypeScript kernel for VS Code and for your own Jupyter: notebooks anywhere on this machine can ' +
      'then import ml-pipeline.',
    options: { remove: { type: 'boolean', help: 'take it away again' } },
    resume: 'Run it again: npm run kernel',
  },
  async ({ values }) => {
    const folder = path.join(dataFolder(), 'kernels', name);
    if (values.remove) {
      if (!existsSync(folder)) return console.log(`There is no kernel in ${folder}.`);
      await rm(folder, { recursive: true });
      return console.log(`Removed: ${folder}`);
    }
    const spec = await kernelSpec();
    await replaceFile(path.join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
    console.log(`Registered: ${spec.display_name}, in ${folder}`);
    console.log(`In VS Code: Select Kernel, Jupyter Kernel, ${spec.display_name}.`);
    console.log('The mock of AWS and its data: npm run up && npm run seed');
  },
);

/** The notebooks' own kernel, started by this Node, with whole paths: VS Code fills in no `{resource_dir}`. */
async function kernelSpec() {
  const home = path.join(notebooks, 'kernels/tslab');
  const { argv, ...spec } = JSON.parse(await readFile(path.join(home, 'kernel.json'), 'utf8'));
  const whole = argv.map((/** @type {string} */ part) =>
    part.startsWith('{resource_dir}') ? path.join(home, part.slice('{resource_dir}'.length)) : part,
  );
  return { ...spec, argv: [process.execPath, ...whole.slice(1)], display_name: 'TypeScript (ml-pipeline)' };
}

/** Where Jupyter looks for what a person has installed. */
function dataFolder() {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return path.resolve(JUPYTER_DATA_DIR);
  const home = os.homedir();
  if (process.platform === 'darwin') return path.join(home, 'Library/Jupyter');
  if (process.platform === 'win32') return path.join(APPDATA || path.join(home, 'AppData/Roaming'), 'jupyter');
  return path.join(XDG_DATA_HOME || path.join(home, '.local/share'), 'jupyter');
}
