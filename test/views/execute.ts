import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/**
 * JupyterLab's `jupyter`, from ML_PIPELINE_JUPYTER or the environment that `npm run lab` makes; undefined where there
 * is none.
 */
export const jupyter = [process.env.ML_PIPELINE_JUPYTER ?? path.resolve('.venv/bin/jupyter')].find((file) =>
  existsSync(file),
);
if (!jupyter && process.env.CI === 'true')
  throw new Error('There is no Jupyter: npm run lab -- --only-environment brings it; see .ci/run.');

export const notebooks = path.resolve('notebooks');

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);
const output = z.looseObject({
  output_type: z.enum(['display_data', 'execute_result', 'stream', 'error']),
  name: z.string().optional(),
  text: text.optional(),
  data: z
    .looseObject({ 'text/plain': text.optional(), 'text/html': text.optional(), 'image/svg+xml': text.optional() })
    .optional(),
});
const notebook = z.looseObject({
  cells: z.array(
    z.looseObject({
      cell_type: z.enum(['code', 'markdown']),
      metadata: z.looseObject({}),
      source: text,
      outputs: z.array(output).default([]),
    }),
  ),
});
export type Notebook = z.infer<typeof notebook>;
export type Output = z.infer<typeof output>;

export const parseNotebook = (json: string): Notebook => notebook.parse(JSON.parse(json));

/**
 * Runs a notebook of the project from top to bottom in a kernel of its own and gives it back with its outputs, as JSON.
 */
export async function execute(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'notebook-'));
  const result = path.join(folder, name);
  try {
    await promisify(execFile)(
      jupyter ?? 'jupyter',
      ['execute', path.join(notebooks, name), `--output=${result}`, '--startup_timeout=120', '--timeout=240'],
      {
        env: { ...process.env, ...env, JUPYTER_PATH: notebooks },
      },
    );
    return await readFile(result, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An executed notebook as it is committed: without what is different at the next run. */
export function committable(json: string): string {
  const { cells, ...rest } = JSON.parse(json.replace(/ {2}[\d.,]+\/s(?= {2}in )| {2}in [\d:.]+( s)?(?=\\n|")/g, ''));
  const kept = cells.map((cell: object) => ({ ...cell, metadata: {} }));
  return `${JSON.stringify({ cells: kept, ...rest }, null, 1)}\n`;
}
