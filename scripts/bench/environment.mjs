// The Python environment of the bench: what the kit is compared with, pinned.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const venv = path.resolve(import.meta.dirname, '../../.venv-bench');
const requirements = path.join(import.meta.dirname, 'requirements.txt');

/** Makes `.venv-bench` where it is not there or the pins have changed; gives the folder of its programs. */
export async function benchEnvironment(signal) {
  const stamp = path.join(venv, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  const bin = path.join(venv, 'bin');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return bin;
  console.error('Making the Python environment of the bench in .venv-bench (once, some minutes: TensorFlow is large) …');
  await run('python3', ['-m', 'venv', '--clear', venv], { signal });
  await run(path.join(bin, 'python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r', requirements], { signal, maxBuffer: 1e8 });
  await writeFile(stamp, wanted);
  return bin;
}
