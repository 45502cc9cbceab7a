// Python environments of the project's own, made with what a requirements.txt pins.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PipelineError } from '../dist/index.js';

const root = path.resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/**
 * The folder of an environment's programs. It is made where it is not there, does not run or the pins have changed, and
 * whenever a Python is named; `of` says whose it is, `program` what needs it, `command` how to try again.
 */
export async function pythonEnvironment(folder, { requirements, python: named, of, program, command, time, signal }) {
  const venv = path.join(root, folder);
  const bin = path.join(venv, 'bin');
  const stamp = path.join(venv, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  if (
    !named &&
    existsSync(stamp) &&
    (await readFile(stamp, 'utf8')) === wanted &&
    (await versionOf(path.join(bin, 'python')))
  )
    return bin;
  const python = await findPython(named, program);
  console.log(`Making the Python environment of ${of} in ${folder} (once, ${time}) …`);
  try {
    await run(python, ['-m', 'venv', '--clear', venv], { signal });
  } catch (cause) {
    const missing = /ensurepip|No module named venv/.test(`${cause.stdout}${cause.stderr}`);
    const remedy = missing
      ? 'Its venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv'
      : lastLine(cause);
    throw new PipelineError('lab.venv', `${python} cannot make an environment in ${folder}. ${remedy}`, { cause });
  }
  try {
    await run(
      path.join(bin, 'python'),
      ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r', requirements],
      { signal, maxBuffer: 1e8 },
    );
  } catch (cause) {
    throw new PipelineError(
      'lab.pip',
      `pip cannot install ${path.relative(root, requirements)}: ${lastLine(cause)} Once that is mended: ${command}`,
      { cause },
    );
  }
  await writeFile(stamp, wanted);
  return bin;
}

/** `3.12`; undefined where there is no such Python, or it does not run. */
function versionOf(python) {
  return run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

async function findPython(named, program) {
  const seen = [];
  for (const python of named
    ? [named]
    : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const version = await versionOf(python);
    if (version === undefined) continue;
    const [major, minor] = version.split('.').map(Number);
    if (major > 3 || (major === 3 && minor >= 10)) return python;
    seen.push(`${python} is ${version}`);
  }
  const found = seen.length > 0 ? `${seen.join(', ')}, too old` : named ? `'${named}' does not run` : 'there is none';
  throw new PipelineError(
    'lab.python',
    `${program} needs Python 3.10 or newer, and ${found}. Install one (Debian, Ubuntu: sudo apt install ` +
      'python3 python3-venv; macOS: brew install python), or name it with --python.',
  );
}

/** What a failed command says last, or why it did not run. */
export function lastLine(error) {
  return String(error.stderr || error.message)
    .trim()
    .split('\n')
    .at(-1);
}
