#!/usr/bin/env zx
// From a fresh clone to JupyterLab with the notebooks: Python environment, mock of AWS, data, server.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { clients } from '../dist/aws.js';
import { PipelineError } from '../dist/errors.js';
import { UsageError, cli } from './cli.mjs';
import { ensureCatalogue, ensureMock } from './mock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const notebooks = path.join(root, 'notebooks');
const requirements = path.join(notebooks, 'requirements.txt');
const venv = path.join(root, '.venv');
const firstPort = 8888;
const run = promisify(execFile);

await cli(
  {
    usage: 'npm run lab -- [--no-browser] [--port PORT] [--python PYTHON]',
    about: 'Opens the notebooks in JupyterLab on 127.0.0.1, with the TypeScript kernel, a mock of AWS and data where there are none.',
    options: {
      'no-browser': { type: 'boolean', help: 'only print the address' },
      port: { type: 'string', value: 'PORT', help: `the port on 127.0.0.1 (default: the first free one from ${firstPort} on)` },
      python: { type: 'string', value: 'PYTHON', help: 'the Python to make the environment with (default: python3), 3.10 or newer' },
      'only-environment': { type: 'boolean', help: 'make the Python environment and end' },
    },
    resume: 'Start it again: npm run lab',
  },
  async ({ values, signal, onProgress }) => {
    const port = await freePort(values.port);
    await makeEnvironment(values.python, signal);
    await writeSettings();
    if (values['only-environment']) return;
    await bringUpCatalogue({ signal, onProgress });
    await openLab(port, values['no-browser'], signal);
  },
);

/** Makes `.venv` with what `requirements.txt` pins; at once where it is there and runs, the pins have not changed, and no Python is named. */
async function makeEnvironment(named, signal) {
  const stamp = path.join(venv, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  if (!named && existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted && (await versionOf(path.join(venv, 'bin/python')))) return;
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
}

/** How JupyterLab begins, where a person has not chosen otherwise. */
async function writeSettings() {
  const settings = path.join(venv, 'share/jupyter/lab/settings');
  const overrides = {
    // Its first start would ask whether to fetch news and look for updates: nothing here needs a network.
    '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
    // The kernel checks the types of a cell before it completes it. On a busy machine that takes more than the second after which JupyterLab would show nothing.
    '@jupyterlab/completer-extension:manager': { providerTimeout: 10_000 },
  };
  await mkdir(settings, { recursive: true });
  await writeFile(path.join(settings, 'overrides.json'), JSON.stringify(overrides));
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
function lastLine(error) {
  return String(error.stderr || error.message).trim().split('\n').at(-1);
}

/** Where the environment leads: a mock is started and filled with the sample where there is none; a real account is left alone. */
async function bringUpCatalogue(options) {
  const aws = clients();
  try {
    if (aws.real) return;
    await ensureMock({ mode: 'auto', ...options });
    const { products, source } = await ensureCatalogue(aws, undefined, options);
    console.log(`The catalogue holds ${products.toLocaleString('en-US')} products of ${source}.`);
  } finally {
    aws.close();
  }
}

/** The port asked for, or the first free one: JupyterLab's own search would leave us with a wrong address to print. */
async function freePort(asked) {
  const wanted = Number(asked ?? firstPort);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65535) throw new UsageError(`--port '${asked}' is no port: give a number from 1 to 65535`);
  for (let port = wanted; port < wanted + 50; port++) {
    if (await isFree(port)) return port;
    if (asked !== undefined) throw new PipelineError('lab.portTaken', `Port ${port} is taken. Leave out --port to use the first free one.`);
  }
  throw new PipelineError('lab.portTaken', `All ports from ${wanted} to ${wanted + 49} are taken; name another with --port.`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Runs JupyterLab until Ctrl-C or its own end. */
async function openLab(port, quietly, signal) {
  const token = randomBytes(24).toString('hex');
  const options = [
    '--ServerApp.ip=127.0.0.1',
    `--ServerApp.port=${port}`,
    '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${notebooks}`,
    '--ServerApp.log_level=ERROR',
    '--LabApp.log_level=ERROR',
    // Of notebooks that are begun anew.
    '--MultiKernelManager.default_kernel_name=tslab',
    ...(quietly ? ['--no-browser'] : []),
    // In a container a person is root, and there is nobody else.
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
    path.join(notebooks, '1-queries.ipynb'),
  ];
  // In a group of its own: Ctrl-C reaches this script alone, which ends JupyterLab and its kernels without a question.
  const lab = spawn(path.join(venv, 'bin/jupyter'), ['lab', ...options], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // Not among the arguments, which every user of the machine can list.
      JUPYTER_TOKEN: token,
      // The kernel beside the notebooks, and in it the Node that runs this script.
      JUPYTER_PATH: [notebooks, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter),
      // What was open here at the last time, not in another folder's JupyterLab.
      JUPYTERLAB_WORKSPACES_DIR: path.join(venv, 'workspaces'),
      PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    },
  });
  const ended = once(lab, 'exit');
  const end = () => lab.kill('SIGTERM');
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  while (lab.exitCode === null && !signal.aborted && !(await answers(port))) await sleep(100);
  if (lab.exitCode === null && !signal.aborted) console.log(`JupyterLab: http://127.0.0.1:${port}/lab/tree/1-queries.ipynb?token=${token}\nCtrl-C ends it.`);
  const [status] = await ended;
  if (!signal.aborted && status !== 0) throw new PipelineError('lab.ended', `JupyterLab ended with status ${status}.`);
}

function answers(port) {
  return fetch(`http://127.0.0.1:${port}/api`).then(({ ok }) => ok, () => false);
}
