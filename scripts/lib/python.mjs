// Python environments of the project's own, made with what a requirements.txt pins.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { $ } from 'zx';
import { PipelineError, replaceFile } from '../../dist/quick.js';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * @typedef {object} Needs
 * @property {string} requirements The file that pins the packages.
 * @property {string | undefined} python The Python that a person named.
 * @property {string} of Whose environment it is, for people.
 * @property {string} program What needs Python, for people.
 * @property {string} command How to try again.
 * @property {string} time How long it takes to make.
 * @property {(line: string) => void} [log] Receives what takes a while; default: it is printed.
 * @property {AbortSignal | undefined} signal
 */

/**
 * The folder of an environment's programs. The environment is made where it is missing or does not run, where the pins
 * have changed, and whenever a Python is named.
 *
 * @param {string} folder Of the environment, from the project's root.
 * @param {Needs} needs
 * @throws {PipelineError} `python.missing`, `python.venv`, `python.pip`
 */
export async function pythonEnvironment(folder, { requirements, python: named, signal, log = console.log, ...of }) {
  const { program, command, time } = of;
  const run = $({ quiet: true, nothrow: true, signal });
  const venv = path.join(root, folder);
  const bin = path.join(venv, 'bin');
  const own = path.join(bin, 'python');
  const stamp = path.join(venv, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  const isCurrent = !named && existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted;
  if (isCurrent && (await versionOf(own))) return bin;

  const python = await findPython(named, program);
  log(`Making the Python environment of ${of.of} in ${folder} (once, ${time}) …`);
  const made = await run`${python} -m venv --clear ${venv}`;
  if (!made.ok) {
    const remedy = /ensurepip|No module named venv/.test(`${made.stdout}${made.stderr}`)
      ? 'Its venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv'
      : lastLine(made);
    throw new PipelineError('python.venv', `${python} cannot make an environment in ${folder}. ${remedy}`, {
      cause: made,
    });
  }
  const installed = await run`${own} -m pip install --disable-pip-version-check -q -r ${requirements}`;
  if (!installed.ok)
    throw new PipelineError(
      'python.pip',
      `pip cannot install ${path.relative(root, requirements)}: ${lastLine(installed)} Then again: ${command}`,
      { cause: installed },
    );
  await replaceFile(stamp, wanted);
  return bin;
}

/** `3.12`; undefined where there is no such Python, or it does not run. @param {string} python */
async function versionOf(python) {
  const print = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const { ok, stdout } = await $({ quiet: true, nothrow: true })`${python} -c ${print}`;
  return ok ? stdout.trim() : undefined;
}

/** @param {string | undefined} named @param {string} program */
async function findPython(named, program) {
  const seen = [];
  const usual = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  for (const python of named ? [named] : usual) {
    const version = await versionOf(python);
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 3 || (major === 3 && minor >= 10)) return python;
    seen.push(`${python} is ${version}`);
  }
  const found = seen.length > 0 ? `${seen.join(', ')}, too old` : named ? `'${named}' does not run` : 'there is none';
  throw new PipelineError(
    'python.missing',
    `${program} needs Python 3.10 or newer, and ${found}. Install one (Debian, Ubuntu: sudo apt install ` +
      'python3 python3-venv; macOS: brew install python), or name it with --python.',
  );
}

/** What a failed command says last, or why it did not run. @param {{ stderr: string, message: string }} failed */
export const lastLine = ({ stderr, message }) => (stderr || message).trim().split('\n').at(-1);
