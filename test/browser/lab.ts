import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { start } from '../scripts/script.js';
import type { TestServer } from '../server.js';
import { jupyter, notebooks } from '../views/execute.js';

/** A JupyterLab that `npm run lab` has started, with copies of the notebooks in `folder`. */
export interface Lab {
  folder: string;
  /** The address of a notebook, with the token. */
  address(name: string): string;
  close(): Promise<void>;
}

// Below the project, so that 'ml-pipeline' resolves; git ignores it.
const home = path.resolve('out/browser');

/**
 * Starts JupyterLab as a person does, with none of the settings and the state that the person who runs the tests has,
 * on a server of the test: without one, `npm run lab` would bring up a mock of AWS that stays.
 */
export async function startLab({ env }: Pick<TestServer, 'env'>): Promise<Lab> {
  const folder = path.join(home, 'notebooks');
  await rm(home, { recursive: true, force: true });
  for (const name of (await readdir(notebooks)).filter((file) => file.endsWith('.ipynb')))
    await cp(path.join(notebooks, name), path.join(folder, name));
  const of = (name: string) => path.join(home, 'jupyter', name);
  // Cells out of sight stay in the page, for what looks at all of it; the theme is the browser's.
  await writeSettings(of('settings'), 'notebook-extension/tracker', { windowingMode: 'none' });
  await writeSettings(of('settings'), 'apputils-extension/themes', { 'adaptive-theme': true });
  const lab = start('lab', ['--no-browser', '--folder', folder], {
    ...env,
    ...(jupyter && { ML_PIPELINE_JUPYTER: jupyter }),
    JUPYTER_CONFIG_DIR: of('config'),
    JUPYTER_DATA_DIR: of('data'),
    JUPYTER_RUNTIME_DIR: of('runtime'),
    JUPYTERLAB_SETTINGS_DIR: of('settings'),
    JUPYTERLAB_WORKSPACES_DIR: of('workspaces'),
  });
  const early = lab.outcome.then(({ stderr }) => Promise.reject(new Error(`JupyterLab ended: ${stderr}`)));
  const [, before, token] = await Promise.race([lab.printed(/(http\S+\/lab\/tree\/)\S+(\?token=\w+)/), early]);
  return {
    folder,
    address: (name) => `${before}${name}${token}`,
    close: async () => {
      lab.interrupt();
      await lab.outcome;
    },
  };
}

async function writeSettings(folder: string, plugin: string, settings: object): Promise<void> {
  const file = path.join(folder, '@jupyterlab', `${plugin}.jupyterlab-settings`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings));
}
