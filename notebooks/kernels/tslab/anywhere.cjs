// A notebook may be anywhere: where its folder has no ml-pipeline of its own, this project's is found, with its types
// and Node's.
const Module = require('node:module');
const path = require('node:path');
const { replace } = require('./compiler.cjs');

const root = path.join(__dirname, '../../..');
const packages = path.join(root, 'node_modules');

if (!isFound()) {
  process.env.NODE_PATH = [process.env.NODE_PATH, packages].filter(Boolean).join(path.delimiter);
  Module._initPaths();
  replace('createWatchCompilerHost', (create) => (files, options, ...others) => {
    const paths = { 'ml-pipeline': [path.join(root, 'dist/index.d.ts')], '*': [path.join(packages, '*')] };
    const typeRoots = [...(options.typeRoots ?? []), path.join(packages, '@types')];
    return create(files, { ...options, paths, typeRoots }, ...others);
  });
}

function isFound() {
  try {
    Module.createRequire(path.join(process.cwd(), 'cell.js')).resolve('ml-pipeline');
    return true;
  } catch {
    return false;
  }
}
