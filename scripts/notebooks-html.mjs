#!/usr/bin/env zx
// Notebooks as HTML pages that open without a network: charts to point at, images, highlighted code.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { $ } from 'zx';
import { PipelineError } from '../dist/index.js';
import { drawCharts, replaceFile } from '../dist/internal.js';
import { bringUpCatalogue } from './lib/bring-up.mjs';
import { cli, jsonLines, UsageError } from './lib/cli.mjs';
import { environment, jupyter, notebooks, settings } from './lib/jupyter.mjs';
import { lastLine } from './lib/python.mjs';

await cli(
  {
    usage: 'npm run notebooks:html -- [NOTEBOOK.ipynb …] [--execute] [--out DIR]',
    about:
      'Writes each notebook, by default those of the kit, as one HTML page that opens without a network, ' +
      'with the outputs that are in it.',
    options: {
      execute: {
        type: 'boolean',
        help: 'run the notebooks first; what comes out is in the pages alone, the notebooks stay as they are',
      },
      out: {
        type: 'string',
        value: 'DIR',
        default: 'out/notebooks',
        help: 'the folder of the pages',
      },
      json: jsonLines('page'),
    },
    positionals: Infinity,
  },
  async ({ values, positionals, signal, onProgress }) => {
    const missing = positionals.find((file) => !existsSync(file));
    if (missing !== undefined) throw new UsageError(`There is no notebook '${missing}'`);
    const files = positionals.length > 0 ? positionals : await ownNotebooks();
    const program = await jupyter({ signal });
    if (values.execute) await bringUpCatalogue({ signal, onProgress });
    for (const file of files) {
      const page = path.join(values.out, `${path.basename(file, '.ipynb')}.html`);
      await replaceFile(page, await convert(program, file, { execute: values.execute, signal }));
      const { size: bytes } = await stat(page);
      console.log(values.json ? JSON.stringify({ page, bytes }) : `${page}  ${(bytes / 1e6).toFixed(1)} MB`);
    }
  },
);

async function ownNotebooks() {
  return (await readdir(notebooks))
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .map((name) => path.join(notebooks, name));
}

/**
 * nbconvert's page by the template in `settings`, its charts drawn by the plotly.js inside it.
 *
 * @param {string} program
 * @param {string} file
 * @param {{ execute: boolean | undefined, signal: AbortSignal }} options
 */
async function convert(program, file, { execute, signal }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'notebook-html-'));
  const options = [
    '--to=html',
    '--template=offline',
    `--TemplateExporter.extra_template_basedirs=${settings}`,
    '--embed-images',
    '--log-level=ERROR',
    `--output-dir=${folder}`,
    '--output=page',
  ];
  if (execute) options.push('--execute', '--ExecutePreprocessor.startup_timeout=120');
  try {
    const done = await $({
      quiet: true,
      nothrow: true,
      env: environment,
      signal,
    })`${program} nbconvert ${options} ${file}`;
    if (!done.ok)
      throw new PipelineError('notebooks.html', `nbconvert makes no page of ${file}: ${reason(done)}`, {
        value: file,
        cause: done,
      });
    const page = await readFile(path.join(folder, 'page.html'), 'utf8');
    // By a function: the library is full of what a replacement by text would take for `$&` and its kin.
    return page.replace('<!-- plotly -->', () => (page.includes('<div class="chart">') ? String(drawCharts()) : ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A cell's error, which nbconvert quotes between two rules, without its stack; else what nbconvert says last.
 *
 * @param {{ stderr: string, message: string }} failed
 */
function reason(failed) {
  const [, written] = /^-+ stderr -+\n([\s\S]+?)\n-+$/m.exec(failed.stderr) ?? [];
  return /^\w*Error\b.*/m.exec(written ?? '')?.[0] ?? written?.split('\n')[0] ?? lastLine(failed);
}
