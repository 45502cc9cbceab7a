// Gets TensorFlow.js's native backend where its own installer fails (it downloads libtensorflow from a bucket that many
// networks do not reach): libtensorflow and its headers come out of TensorFlow's Python wheel, the addon is compiled
// here.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openPromise } from 'yauzl';
import { $ } from 'zx';
import { replaceFile } from '../dist/internal.js';
import { cli } from './lib/cli.mjs';

/** @import { ProcessPromise, Shell } from 'zx' */

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'node_modules/@tensorflow/tfjs-node');
/** The newest TensorFlow whose C API tfjs-node 4.22 compiles against. */
const wheelVersion = '2.12.1';

await cli(
  {
    usage: 'npx zx scripts/tfjs-node.mjs [--wheel FILE]',
    about:
      'Builds the native TensorFlow.js backend (Linux on x64). Needs python3 with pip, make and g++. Does ' +
      'nothing where it works already.',
    options: {
      wheel: {
        type: 'string',
        value: 'FILE',
        help: `a tensorflow-cpu ${wheelVersion} wheel to use; else pip downloads it (232 MB)`,
      },
    },
  },
  async ({ values, signal }) => {
    if (await loads()) return console.log('The native backend (tfjs-node) is installed and loads: nothing to do.');
    await checkMachine(values.wheel);
    const run = $({ quiet: true, signal, cwd: root });
    const temporary = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-wheel-'));
    try {
      if (!existsSync(path.join(folder, 'package.json'))) {
        console.log('Installing the package without its installer …');
        // From the lock file, and without writing it: nothing else changes.
        await step(
          run`npm install --no-save --ignore-scripts --include=optional`,
          'npm could not install @tensorflow/tfjs-node',
        );
      }
      const wheel = values.wheel ?? (await download(run, temporary));
      console.log(`Unpacking libtensorflow from ${path.basename(wheel)} …`);
      await unpack(wheel, path.join(folder, 'deps'), signal);
      console.log('Compiling the addon …');
      await compile(run);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    if (!(await loads()))
      throw new Error(`The addon was built, but does not load. See why: node -e "require('@tensorflow/tfjs-node')"`);
    console.log('The native backend (tfjs-node) is ready.');
  },
);

/** In a process of its own: a failed load must not stay in this one. */
async function loads() {
  const { exitCode } = await $({
    nothrow: true,
    quiet: true,
    cwd: root,
  })`${process.execPath} -e ${"require('@tensorflow/tfjs-node')"}`;
  return exitCode === 0;
}

/** @param {string | undefined} wheel */
async function checkMachine(wheel) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `There is no ready libtensorflow for ${process.platform} on ${process.arch}: this script knows Linux ` +
        'on x64. The wasm backend works everywhere.',
    );
  }
  if (wheel !== undefined && !existsSync(wheel)) throw new Error(`There is no wheel at '${wheel}'.`);
  /** @param {string} command @param {string[]} args */
  const has = async (command, ...args) => (await $({ nothrow: true, quiet: true })`${command} ${args}`).exitCode === 0;
  const missing = [];
  if (!(await has('python3', '--version'))) missing.push('python3');
  else if (wheel === undefined && !(await has('python3', '-m', 'pip', '--version'))) missing.push('python3-pip');
  if (!(await has('make', '--version'))) missing.push('make');
  if (!(await has('g++', '--version'))) missing.push('g++');
  if (missing.length > 0)
    throw new Error(`The build needs ${missing.join(', ')}. On Debian: apt-get install ${missing.join(' ')}`);
}

/** @param {Shell} run @param {string} to The folder for the wheel. */
async function download(run, to) {
  console.log(`Downloading the tensorflow-cpu ${wheelVersion} wheel with pip (232 MB) …`);
  const target = ['--only-binary=:all:', '--python-version', '3.11', '--platform', 'manylinux2014_x86_64'];
  await step(
    run`python3 -m pip download --quiet --no-deps ${target} --dest ${to} tensorflow-cpu==${wheelVersion}`,
    'pip could not download the wheel (get it elsewhere and name it with --wheel FILE)',
  );
  const [file = ''] = await readdir(to);
  return path.join(to, file);
}

/**
 * Makes `deps/lib` and `deps/include` as tfjs-node's own installer does.
 *
 * @param {string} wheel
 * @param {string} deps
 * @param {AbortSignal} signal
 */
async function unpack(wheel, deps, signal) {
  await rm(deps, { recursive: true, force: true });
  const zip = await openPromise(wheel).catch((error) => {
    throw new Error(`'${wheel}' cannot be read as a wheel: ${error.message}`);
  });
  let libraries = 0;
  for await (const entry of zip.eachEntry()) {
    const [, library, header] =
      /^tensorflow\/(?:(libtensorflow_(?:cc|framework)\.so\.2)|(include\/.*[^/]))$/.exec(entry.fileName) ?? [];
    const part = library === undefined ? header : `lib/${library}`;
    if (part === undefined) continue;
    if (library !== undefined) libraries++;
    const file = path.join(deps, part);
    await replaceFile(file, await zip.openReadStreamPromise(entry), signal);
  }
  if (libraries !== 2)
    throw new Error(
      `'${wheel}' holds no libtensorflow: it takes the tensorflow-cpu ${wheelVersion} wheel for Linux on x64.`,
    );
  const links = { 'libtensorflow.so': 'cc', 'libtensorflow.so.2.9.1': 'cc', 'libtensorflow_framework.so': 'framework' };
  for (const [link, part] of Object.entries(links))
    await symlink(`libtensorflow_${part}.so.2`, path.join(deps, 'lib', link));
}

/** @param {Shell} run */
async function compile(run) {
  const prefix = path.resolve(process.execPath, '../..');
  // Without headers beside the running node, node-gyp downloads them.
  const headers = existsSync(path.join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const tool = path.join(root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp');
  await step(
    run({ cwd: folder })`${process.execPath} ${tool} install --build-from-source ${headers}`,
    'The addon does not compile',
  );
}

/**
 * Awaits a command. Where it fails, throws one line: what failed, and the first error that it wrote.
 *
 * @param {ProcessPromise} command
 * @param {string} what
 */
async function step(command, what) {
  const { exitCode, stderr } = await command.nothrow();
  if (exitCode === 0) return;
  const lines = stderr.trim().split('\n');
  throw new Error(`${what}: ${lines.find((line) => /\berror: |npm error (?!code)/i.test(line)) ?? lines.at(-1)}`);
}
