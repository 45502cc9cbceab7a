import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const folder = process.env.ML_PIPELINE_TEST_TOOLS ?? '';
const python = path.join(folder, 'bin/python');

/** The packages of requirements.txt that the environment which ML_PIPELINE_TEST_TOOLS names does not have. */
function missing(): string[] {
  const lib = path.join(folder, 'lib');
  const site =
    folder !== '' && existsSync(lib) ? readdirSync(lib).map((name) => path.join(lib, name, 'site-packages')) : [];
  const names = readFileSync(path.join(import.meta.dirname, 'requirements.txt'), 'utf8')
    .trim()
    .split('\n');
  return names.filter((line) => {
    const [name = '', version = ''] = line.split('==');
    return !site.some((place) => existsSync(path.join(place, `${name}-${version}.dist-info`)));
  });
}

const lacks = missing();
/** Whether the trainers' own readers are there. */
export const hasReaders = lacks.length === 0;

if (!hasReaders && process.env.CI === 'true')
  throw new Error(`ML_PIPELINE_TEST_TOOLS names no environment with ${lacks.join(', ')}; see .ci/run.`);

/** For the title of what is skipped without them. */
export const needsReaders = hasReaders
  ? ''
  : ' (skipped: ML_PIPELINE_TEST_TOOLS names no environment with test/dataset/requirements.txt)';

const lineSchema = z.object({
  side: z.string().nullable(),
  id: z.union([z.string(), z.number()]),
  pixels: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()),
});
/** An image as the format's own reader has it. */
export type Read = z.infer<typeof lineSchema>;

/** Reads a written data set with the format's own reader, in the order of sides and ids. */
export async function readWritten(format: string, root: string): Promise<Read[]> {
  const printed = await run('read_written.py', format, root);
  const keyOf = ({ side, id }: Read) => `${side} ${String(id).padStart(20)}`;
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Runs the lines of a folder's data card that say how it is read: the packages that each piece of them lacks. */
export const runCard = async (root: string): Promise<string[][]> =>
  z.array(z.array(z.string())).parse(JSON.parse(await run('run_card.py', root)));

async function run(script: string, ...args: string[]): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-hf-'));
  try {
    const env = { PATH: process.env.PATH, HF_HOME: home, HF_HUB_OFFLINE: '1', HOME: home };
    const command = [path.join(import.meta.dirname, script), ...args];
    return (await promisify(execFile)(python, command, { env, maxBuffer: 1 << 28 })).stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
