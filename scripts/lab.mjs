#!/usr/bin/env zx
// From a fresh clone to JupyterLab with the notebooks: Python environment, mock of AWS, data, server.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError } from '../dist/index.js';
import { bringUpCatalogue } from './lib/bring-up.mjs';
import { cli, port, UsageError } from './lib/cli.mjs';
import { environment, jupyter, notebooks, settings, workspaces } from './lib/jupyter.mjs';

const firstPort = 8888;

await cli(
  {
    usage: 'npm run lab -- [--no-browser] [--port PORT] [--folder DIR] [--python PYTHON]',
    about:
      'Opens the notebooks in JupyterLab on 127.0.0.1, with the TypeScript kernel, a mock of AWS and data ' +
      'where there are none.',
    options: {
      'no-browser': { type: 'boolean', help: 'only print the address' },
      port: { ...port, help: `${port.help} (default: the first free one from ${firstPort} on)` },
      folder: { type: 'string', value: 'DIR', help: 'the folder to work in (default notebooks)' },
      python: {
        type: 'string',
        value: 'PYTHON',
        help: 'the Python to make the environment with (default: python3), 3.10 or newer',
      },
      'only-environment': { type: 'boolean', help: 'make the Python environment and end' },
    },
    resume: 'Start it again: npm run lab',
  },
  async ({ values, signal, onProgress }) => {
    const { folder = notebooks, python, 'no-browser': quietly = false } = values;
    if (!existsSync(folder)) throw new UsageError(`--folder is '${folder}', but there is no such folder`);
    const free = await freePort(values.port);
    const program = await jupyter({ python, signal });
    if (values['only-environment']) return;
    await bringUpCatalogue({ signal, onProgress });
    await openLab(program, { port: free, folder, quietly, signal });
  },
);

/**
 * The port asked for, or the first free one: JupyterLab's own search would leave us with a wrong address to print.
 *
 * @param {number | undefined} asked
 */
async function freePort(asked) {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw new PipelineError('lab.portTaken', `Port ${asked} is taken. Leave out --port to use the first free one.`);
  }
  for (let port = firstPort; port < firstPort + 50; port++) if (await isFree(port)) return port;
  throw new PipelineError(
    'lab.portTaken',
    `All ports from ${firstPort} to ${firstPort + 49} are taken; name another with --port.`,
  );
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Runs JupyterLab until Ctrl-C or its own end.
 *
 * @param {string} program
 * @param {{ port: number, folder: string, quietly: boolean, signal: AbortSignal }} options
 */
async function openLab(program, { port, folder, quietly, signal }) {
  const token = randomBytes(24).toString('hex');
  const first = existsSync(path.join(folder, '1-queries.ipynb')) ? '1-queries.ipynb' : '';
  const options = [
    '--ServerApp.ip=127.0.0.1',
    `--ServerApp.port=${port}`,
    '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${path.resolve(folder)}`,
    `--LabApp.app_settings_dir=${settings}`,
    '--ServerApp.log_level=ERROR',
    '--LabApp.log_level=ERROR',
    // The kernel of new notebooks.
    '--MultiKernelManager.default_kernel_name=tslab',
    ...(quietly ? ['--no-browser'] : []),
    // In a container a person is root, and there is nobody else.
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
    path.resolve(folder, first),
  ];
  // In a group of its own: Ctrl-C reaches this script alone, which ends JupyterLab and its kernels without a question.
  const lab = spawn(program, ['lab', ...options], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      // Not among the arguments, which every user of the machine can list.
      JUPYTER_TOKEN: token,
      // What was open here at the last time, not in another folder's JupyterLab.
      JUPYTERLAB_WORKSPACES_DIR: workspaces,
    },
  });
  // It warns of much that nobody can do anything about; what it said last is shown where it ends by itself.
  let said = '';
  for (const stream of [lab.stdout, lab.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000);
    });
  const ended = once(lab, 'close');
  const end = () => lab.kill('SIGTERM');
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  while (lab.exitCode === null && !signal.aborted && !(await answers(port))) await sleep(100);
  if (lab.exitCode === null && !signal.aborted)
    console.log(`http://127.0.0.1:${port}/lab/tree/${first}?token=${token}`);
  const [status] = await ended;
  if (signal.aborted || status === 0) return;
  console.error(said.trimEnd());
  throw new PipelineError('lab.ended', `JupyterLab ended with status ${status}.`);
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return fetch(`http://127.0.0.1:${port}/api`).then(
    ({ ok }) => ok,
    () => false,
  );
}
