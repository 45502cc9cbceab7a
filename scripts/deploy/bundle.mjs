// The Lambda functions as zips: each stands alone, and the same sources make the same bytes.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { $ } from 'zx';
import { PipelineError } from '../../dist/index.js';
import { definitions, messageOf, replaceFile, tasks } from '../../dist/internal.js';

/**
 * @import { Plugin } from 'esbuild'
 * @import { Zippable, ZipOptions } from 'fflate'
 * @typedef {(typeof tasks)[number]} Task
 * @typedef {(typeof architectures)[number]} Architecture
 * @typedef {{ architecture: Architecture, signal: AbortSignal }} Target
 * @typedef {Record<string, Uint8Array>} Files Contents by their place in a zip.
 * @typedef {{ task: Task, file: string, bytes: number, sha256: string }} Zip
 */

const root = path.resolve(import.meta.dirname, '../..');
const queueFolder = path.join(root, 'src/pipeline/queue');
const require = createRequire(import.meta.url);
/** The package.json of an installed package. @param {string} name */
const manifestOf = async (name) =>
  JSON.parse(await readFile(path.join(root, 'node_modules', name, 'package.json'), 'utf8'));

/**
 * What a task's zip can have beside its code.
 *
 * @satisfies {Record<string, (target: Target) => Promise<Files>>}
 */
const extras = { sharp: imageLibrary, jpeg: jpegCodec, wasm: wasmBackend, weights };

export const architectures = /** @type {const} */ (['arm64', 'x64']);

/**
 * Bundles the Lambda function of a task with all that it needs into `<outDir>/<task>.zip`; its handler is
 * `dist/index.handler`. sharp's binaries for another machine than this one come from npm, once.
 *
 * @param {Target & { task: Task, outDir: string }} options
 * @returns {Promise<Zip>}
 * @throws PipelineError `bundle.failed`, `bundle.binaries`
 */
export async function bundle({ task, architecture, outDir, signal }) {
  const beside = definitions[task].lambda.bundle.map((name) => extras[name]({ architecture, signal }));
  const files = { ...(await code(task)), ...merge(await Promise.all(beside)) };
  signal.throwIfAborted();
  const zip = zipSync(entries(files), { level: 6 });
  const file = path.join(outDir, `${task}.zip`);
  await replaceFile(file, zip);
  return { task, file, bytes: zip.length, sha256: createHash('sha256').update(zip).digest('hex') };
}

/** @param {Files[]} files @returns {Files} */
const merge = (files) => Object.assign({}, ...files);

/** @param {unknown} value */
const jsonOf = (value) => Buffer.from(`${JSON.stringify(value)}\n`);

/**
 * Sorted, with one date and one mode. The date has no zone in a zip, so it is the same everywhere.
 *
 * @param {Files} files
 * @returns {Zippable}
 */
function entries(files) {
  /** @type {ZipOptions} */
  const options = { mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0 };
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, content]) => [name, [content, options]]));
}

/**
 * One module of all that the handler imports, one folder below the package.json, as `src/package-root.ts` needs it.
 *
 * @param {Task} task
 * @returns {Promise<Files>}
 */
async function code(task) {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `import { queueHandler } from './handle.js'; export const handler = queueHandler('${task}');`,
      resolveDir: queueFolder,
      loader: 'ts',
    },
    outfile: 'index.mjs',
    write: false,
    bundle: true,
    minify: true,
    // The SDK and TensorFlow.js look at the names of their classes.
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    legalComments: 'external',
    logLevel: 'silent',
    // CommonJS packages in the bundle use these.
    banner: {
      js:
        "import { createRequire as $createRequire } from 'node:module'; const require = " +
        '$createRequire(import.meta.url), __dirname = import.meta.dirname;',
    },
    plugins: [instead, only(task)],
  }).catch((cause) => {
    throw new PipelineError(
      'bundle.failed',
      `The function ${task} cannot be bundled: ${cause.errors?.[0]?.text ?? messageOf(cause)}. Build the kit ` +
        'first: npm run build',
      { value: task, cause },
    );
  });
  const files = Object.fromEntries(outputFiles.map((file) => [`dist/${path.basename(file.path)}`, file.contents]));
  return { 'package.json': jsonOf({ name: `ml-pipeline-${task}`, version, private: true, type: 'module' }), ...files };
}

/** The code that takes the place of a package. @type {Record<string, string>} */
const substitutes = {
  // Inference needs no backends for browsers, which are half of it, nor tensors with methods for operations.
  '@tensorflow/tfjs':
    "export * from '@tensorflow/tfjs-core'; export * from '@tensorflow/tfjs-layers'; export { loadGraphModel " +
    "} from '@tensorflow/tfjs-converter';",
  // Node has a fetch of its own.
  'node-fetch': 'export default globalThis.fetch;',
};

/** @type {Plugin} */
const instead = {
  name: 'instead',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@tensorflow\/tfjs|node-fetch)$/ }, ({ path }) => ({ path, namespace: 'instead' }));
    onLoad({ filter: /./, namespace: 'instead' }, ({ path }) => ({ contents: substitutes[path], resolveDir: root }));
  },
};

/**
 * Leaves out what the other tasks load with `import()`: a function does the one task.
 *
 * @param {Task} task
 * @returns {Plugin}
 */
const only = (task) => ({
  name: 'only',
  setup({ onResolve }) {
    const others = tasks
      .filter((other) => other !== task)
      .map((other) => path.join(queueFolder, 'tasks', `${other}.ts`));
    onResolve({ filter: /^\./ }, (request) =>
      request.kind === 'dynamic-import' && others.includes(request.importer)
        ? { path: request.path, external: true }
        : undefined,
    );
  },
});

/** The model that ships with the kit. */
function weights() {
  return filesOf(path.join(root, 'dist/model/weights'), 'dist/model/weights');
}

/**
 * The backend's code is in the bundle; it looks for its WebAssembly beside the package's main file.
 *
 * @returns {Promise<Files>}
 */
async function wasmBackend() {
  const name = '@tensorflow/tfjs-backend-wasm';
  const { version, license } = await manifestOf(name);
  const folder = path.dirname(require.resolve(name));
  const wasm = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'];
  const files = await Promise.all(
    wasm.map(async (file) => ({ [`node_modules/${name}/${file}`]: await readFile(path.join(folder, file)) })),
  );
  return {
    [`node_modules/${name}/package.json`]: jsonOf({ name, version, license, main: 'main.cjs' }),
    [`node_modules/${name}/main.cjs`]: Buffer.from('// Only marks the folder of the WebAssembly files.\n'),
    ...merge(files),
  };
}

/** The codec's code is in the bundle, too; it finds its WebAssembly by the package's name. */
async function jpegCodec() {
  const name = '@cornerstonejs/codec-libjpeg-turbo-8bit';
  const { version, license } = await manifestOf(name);
  return {
    [`node_modules/${name}/package.json`]: jsonOf({ name, version, license, exports: { './wasm': './codec.wasm' } }),
    [`node_modules/${name}/codec.wasm`]: await readFile(require.resolve(`${name}/wasm`)),
  };
}

/** sharp's own code is in the bundle; its binaries, and libvips, are packages of their own. @param {Target} target */
async function imageLibrary({ architecture, signal }) {
  const { optionalDependencies } = await manifestOf('sharp');
  const packages = [`@img/sharp-linux-${architecture}`, `@img/sharp-libvips-linux-${architecture}`];
  const installed = path.join(root, 'node_modules');
  const folder = packages.every((name) => existsSync(path.join(installed, name)))
    ? installed
    : await fetched(
        packages.map((name) => `${name}@${optionalDependencies[name]}`),
        architecture,
        signal,
      );
  const files = await Promise.all(packages.map((name) => filesOf(path.join(folder, name), `node_modules/${name}`)));
  return merge(files);
}

/**
 * Packages of another platform, kept in node_modules/.cache. Returns the folder that has them.
 *
 * @param {string[]} specs
 * @param {Architecture} architecture
 * @param {AbortSignal} signal
 */
async function fetched(specs, architecture, signal) {
  const cache = path.join(root, 'node_modules/.cache/ml-pipeline');
  const folder = path.join(cache, specs.join('+').replaceAll(/[@/]+/g, '-').slice(1));
  if (existsSync(folder)) return path.join(folder, 'node_modules');
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(path.join(cache, 'fetching-'));
  try {
    await writeFile(path.join(scratch, 'package.json'), '{ "private": true }');
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--force'];
    const machine = ['--os', 'linux', '--cpu', architecture, '--libc', 'glibc'];
    const npm = $({ cwd: scratch, quiet: true, nothrow: true, input: '', signal });
    const installed = await npm`npm install ${quiet} ${machine} ${specs}`;
    signal.throwIfAborted();
    if (!installed.ok)
      throw new PipelineError(
        'bundle.binaries',
        `sharp's binaries for linux-${architecture} cannot be had from npm: ${npmError(installed)} With the ` +
          `registry in reach, run it again, or deploy for ${architecture === 'x64' ? 'arm64' : 'x64'}.`,
        { value: specs.join(', '), cause: installed },
      );
    await rename(scratch, folder).catch((error) => {
      // Another process of the same moment was quicker.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return path.join(folder, 'node_modules');
}

/** @param {{ stderr: string, message: string }} failed */
const npmError = ({ stderr, message }) =>
  /npm error (?!code|A complete log|errno|syscall)(.+)/.exec(stderr)?.[1] ?? message;

/** All files of a folder, by their place in the zip. @param {string} folder @param {string} target */
async function filesOf(folder, target) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const files = names.map(async (name) => ({
    [path.posix.join(target, ...name.split(path.sep))]: await readFile(path.join(folder, name)),
  }));
  return merge(await Promise.all(files));
}
