// LocalStack, or an image that takes its place, as a container of this machine's Docker.
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PipelineError } from '../dist/quick.js';

const composeFile = path.join(import.meta.dirname, 'docker-compose.yml');
/** The image where ML_PIPELINE_DOCKER_IMAGE names no other; the compose file has it, too, for who runs it by hand. */
export const defaultImage = 'localstack/localstack:4.14.0';
const minutes = 60_000;

/**
 * Starts LocalStack, or the image that ML_PIPELINE_DOCKER_IMAGE names, at a port, and says whether it could and why;
 * where it could not, it leaves nothing behind.
 *
 * @param {{
 *   port: number,
 *   marker: string,
 *   log: (line: string) => void,
 *   signal?: AbortSignal | undefined,
 *   ready: () => Promise<unknown>,
 * }} options `marker` is the file that says that it was started, `ready` whether it answers.
 * @throws {PipelineError} `mock.badImage`
 */
export async function startLocalStack({ port, marker, log, signal, ready }) {
  const image = imageOf(process.env);
  const daemon = await docker(['version', '--format', '{{.Server.Version}}'], { timeout: 5000, signal });
  if (!daemon.ok)
    return { started: false, reason: daemon.missing ? 'Docker is not installed' : 'no Docker daemon answers' };

  if (!(await docker(['image', 'inspect', image], { timeout: 10_000, signal })).ok) {
    log(`Pulling ${image} (once; it takes some minutes) …`);
    const pull = await docker(['pull', '--quiet', image], { timeout: 20 * minutes, signal });
    if (!pull.ok) return { started: false, reason: `Docker cannot pull ${image} (${pull.text})` };
  }

  writeFileSync(marker, '');
  log(`Starting ${image} in Docker …`);
  const start = [...project(port), 'up', '--detach', '--wait', '--wait-timeout', '180'];
  const compose = await docker(start, { timeout: 5 * minutes, signal, port });
  if (compose.ok && (await ready()))
    return { started: true, reason: `${image}; a Docker daemon answers, version ${daemon.text}` };
  await stopLocalStack({ port, marker });
  const elsewhere = 'Docker runs LocalStack where this machine does not reach it';
  return { started: false, reason: compose.ok ? elsewhere : `Docker does not start it (${compose.text})` };
}

/**
 * Stops the LocalStack that was started at a port, and removes its container.
 *
 * @param {{ port: number, marker: string, signal?: AbortSignal | undefined }} options
 * @throws {PipelineError} `mock.dockerDown`
 */
export async function stopLocalStack({ port, marker, signal }) {
  const stopped = await docker([...project(port), 'down', '--volumes'], { timeout: 2 * minutes, signal, port });
  if (!stopped.ok) throw new PipelineError('mock.dockerDown', `Docker does not stop LocalStack: ${stopped.text}`);
  rmSync(marker, { force: true });
}

/** @param {Readonly<Record<string, string | undefined>>} env */
function imageOf({ ML_PIPELINE_DOCKER_IMAGE: given }) {
  const image = given || defaultImage;
  if (/^\w[\w./:@-]*$/.test(image)) return image;
  const remedy = `Give a name such as ${defaultImage}, or unset it`;
  throw new PipelineError('mock.badImage', `ML_PIPELINE_DOCKER_IMAGE is '${image}', no image's name. ${remedy}.`, {
    value: image,
  });
}

/** @param {number} port */
const project = (port) => ['compose', '--file', composeFile, '--project-name', `ml-pipeline-${port}`];

/**
 * Runs a docker command. `text` is what it printed, or why it failed.
 *
 * @param {string[]} parameters
 * @param {{ timeout: number, signal?: AbortSignal | undefined, port?: number }} options The timeout in milliseconds.
 * @returns {Promise<{ ok: boolean, missing?: boolean, text: string }>}
 */
function docker(parameters, { timeout, signal, port }) {
  return new Promise((resolve, reject) => {
    const env = port ? { ...process.env, ML_PIPELINE_PORT: String(port) } : process.env;
    execFile('docker', parameters, { timeout, signal, env, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (signal?.aborted) reject(signal.reason);
      else if (!error) resolve({ ok: true, text: stdout.trim() });
      else {
        const said = stderr.trim().split('\n').at(-1) || error.message;
        const text = error.killed ? `no answer within ${timeout / 1000} s` : said;
        resolve({ ok: false, missing: error.code === 'ENOENT', text });
      }
    });
  });
}
