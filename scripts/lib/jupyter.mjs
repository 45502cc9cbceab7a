// JupyterLab and what comes with it, in a Python environment of the project's own.
import path from 'node:path';
import { replaceFile } from '../../dist/internal.js';
import { pythonEnvironment } from './python.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const notebooks = path.join(root, 'notebooks');
/**
 * JupyterLab's settings for the kit (`overrides.json`), and how a notebook becomes a page (`offline`, a template of
 * nbconvert).
 */
export const settings = path.join(root, 'scripts/jupyter');
const requirements = path.join(notebooks, 'requirements.txt');
/** Where JupyterLab keeps what was open. */
export const workspaces = path.join(root, '.venv/workspaces');

/**
 * What the commands of Jupyter need in their environment: the kernel beside the notebooks, and in it the Node that runs
 * this script.
 */
export const environment = {
  ...process.env,
  JUPYTER_PATH: [notebooks, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter),
  PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
};

/**
 * The program `jupyter`: the one that ML_PIPELINE_JUPYTER names, else that of `.venv`, which is made with what
 * `requirements.txt` pins; at once where it is there and runs, the pins have not changed, and no Python is named.
 *
 * @param {{ python?: string | undefined, signal: AbortSignal }} options
 */
export async function jupyter({ python, signal }) {
  if (!python && process.env.ML_PIPELINE_JUPYTER) return process.env.ML_PIPELINE_JUPYTER;
  const bin = await pythonEnvironment('.venv', {
    requirements,
    python,
    of: 'the notebooks',
    program: 'JupyterLab',
    command: 'npm run lab',
    time: 'about a minute',
    signal,
  });
  // JupyterLab runs scripts of its own with Node, which must not read them as the ES modules that our package.json
  // declares.
  await replaceFile(path.join(bin, '../package.json'), '{}');
  return path.join(bin, 'jupyter');
}
