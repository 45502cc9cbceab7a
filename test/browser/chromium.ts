import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { jupyter } from '../views/execute.js';

const onPath = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
  (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name)),
);
const executablePath = [process.env.ML_PIPELINE_CHROMIUM ?? onPath].flat().find((file) => existsSync(file));

const noChromium = executablePath
  ? []
  : ['no Chromium: sudo apt install chromium on Debian, or name one in ML_PIPELINE_CHROMIUM'];
const noJupyter = jupyter ? [] : ['no Jupyter: npm run lab -- --only-environment brings it'];

const missing = [...noJupyter, ...noChromium];
if (missing.length > 0 && process.env.CI === 'true') throw new Error(`${missing.join('; ')}; see .ci/run.`);

const why = (lacking: readonly string[]) => (lacking.length === 0 ? '' : ` (skipped, ${lacking.join('; ')})`);

/** Why the tests in a browser are skipped, for their title; empty where they run. */
export const skipped = why(missing);

/** The same for those that need no Jupyter. */
export const skippedBrowser = why(noChromium);

/** Starts Chromium without what it would ask of a network by itself. */
export async function launch(options: readonly string[] = []): Promise<Browser> {
  const args = [
    ...options,
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  // Its sandbox does not run as root, nor on every machine of a CI.
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args,
    chromiumSandbox: process.getuid?.() !== 0 && process.env.CI !== 'true',
  });
}
