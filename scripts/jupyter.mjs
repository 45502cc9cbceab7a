// JupyterLab and what comes with it, in a Python environment of the project's own.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PipelineError } from '../dist/errors.js';

const root = path.resolve(import.meta.dirname, '..');
export const notebooks = path.join(root, 'notebooks');
/** JupyterLab's settings for the kit (`overrides.json`), and how a notebook becomes a page (`offline`, a template of nbconvert). */
export const settings = path.join(import.meta.dirname, 'jupyter');
const requirements = path.join(notebooks, 'requirements.txt');
const venv = path.join(root, '.venv');
/** Where JupyterLab keeps what was open. */
export const workspaces = path.join(venv, 'workspaces');
const run = promisify(execFile);

/** What the commands of Jupyter need in their environment: the kernel beside the notebooks, and in it the Node that runs this script. */
export const environment = {
  ...process.env,
  JUPYTER_PATH: [notebooks, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter),
  PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
};

/**
 * The program `jupyter`: the one that ML_PIPELINE_JUPYTER names, else that of `.venv`, which is made with what `requirements.txt`
 * pins; at once where it is there and runs, the pins have not changed, and no Python is named.
 */
export async function jupyter({ python: named, signal }) {
  if (!named && process.env.ML_PIPELINE_JUPYTER) return process.env.ML_PIPELINE_JUPYTER;
  const made = path.join(venv, 'bin/jupyter');
  const stamp = path.join(venv, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  if (!named && existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted && (await versionOf(path.join(venv, 'bin/python')))) return made;
  const python = await findPython(named);
  console.log('Making the Python environment of the notebooks in .venv (once, about a minute) …');
  try {
    await run(python, ['-m', 'venv', '--clear', venv], { signal });
  } catch (cause) {
    const missing = /ensurepip|No module named venv/.test(`${cause.stdout}${cause.stderr}`);
    const remedy = missing ? 'Its venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv' : lastLine(cause);
    throw new PipelineError('lab.venv', `${python} cannot make an environment in .venv. ${remedy}`, { cause });
  }
  try {
    await run(path.join(venv, 'bin/python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r', requirements], { signal });
  } catch (cause) {
    throw new PipelineError('lab.pip', `pip cannot install notebooks/requirements.txt: ${lastLine(cause)} Once that is mended: npm run lab`, { cause });
  }
  // JupyterLab runs scripts of its own with Node, which must not read them as the ES modules that our package.json declares.
  await writeFile(path.join(venv, 'package.json'), '{}');
  await writeFile(stamp, wanted);
  return made;
}

/** `3.12`; undefined where there is no such Python, or it does not run. */
function versionOf(python) {
  return run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).then(({ stdout }) => stdout.trim(), () => undefined);
}

async function findPython(named) {
  const seen = [];
  for (const python of named ? [named] : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const version = await versionOf(python);
    if (version === undefined) continue;
    const [major, minor] = version.split('.').map(Number);
    if (major > 3 || (major === 3 && minor >= 10)) return python;
    seen.push(`${python} is ${version}`);
  }
  const found = seen.length > 0 ? `${seen.join(', ')}, too old` : named ? `'${named}' does not run` : 'there is none';
  throw new PipelineError('lab.python', `JupyterLab needs Python 3.10 or newer, and ${found}. Install one (Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python), or name it with --python.`);
}

/** What a failed command says last, or why it did not run. */
export function lastLine(error) {
  return String(error.stderr || error.message).trim().split('\n').at(-1);
}
