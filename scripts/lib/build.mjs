// Builds what runs of `dist`; the declarations are tsc's. Few files, since Node takes half a millisecond for each that
// it loads: one for each module that is imported from outside or started, and what they share.
import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** @import { Plugin } from 'esbuild' */

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

const doors = ['index.ts', 'internal.ts', 'quick.ts'];
const programs = ['model/run/child.ts', 'curation/map/umap-worker.ts'];
/** Folders of files that are read, not imported. */
const assets = ['model/weights', 'views/browser'];

/**
 * The SDK's packages are CommonJS, which Node reads twice where it is imported: for the names of its exports, then to
 * run it. Required, they take half of the time.
 *
 * @type {Plugin}
 */
const required = {
  name: 'required',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : { path, external: true },
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [...doors, ...programs].map((file) => `src/${file}`),
  outbase: 'src',
  outdir: 'dist',
  // In `dist` itself, as `src/package-root.ts` needs it.
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  plugins: [required],
  banner: {
    js: "import { createRequire as $of } from 'node:module'; const require = $of(import.meta.url);",
  },
  // package.json says of the sources what the Lambda functions may leave out.
  ignoreAnnotations: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});
for (const asset of assets) await cp(path.join(root, 'src', asset), path.join(dist, asset), { recursive: true });
const made = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
for (const name of await readdir(dist))
  if (/\.js(\.map)?$/.test(name) && !made.has(name)) await rm(path.join(dist, name));
