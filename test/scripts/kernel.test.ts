import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jupyter } from '../views/execute.js';
import { startKernel } from '../views/kernel.js';
import { run } from './script.js';

describe('npm run kernel', () => {
  let folder: string;
  let env: Record<string, string>;
  const spec = () => path.join(folder, 'kernels/ml-pipeline/kernel.json');

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'jupyter data '));
    env = { JUPYTER_DATA_DIR: folder };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('registers the kernel with whole paths, for whoever fills in nothing but the connection', async () => {
    expect(await run('kernel', [], env)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Registered: TypeScript \(ml-pipeline\), in /),
      stderr: '',
    });
    const { argv, language, display_name } = JSON.parse(await readFile(spec(), 'utf8'));
    expect({ language, display_name }).toEqual({ language: 'typescript', display_name: 'TypeScript (ml-pipeline)' });
    const files = argv.filter((part: string) => path.isAbsolute(part));
    expect(files).toEqual([process.execPath, expect.stringMatching(/main\.cjs$/), expect.stringMatching(/tslab$/)]);
    expect(files.every(existsSync)).toBe(true);
    expect(argv.join(' ').match(/\{\w+\}/g)).toEqual(['{connection_file}']);
  });

  test.skipIf(!jupyter)('which runs a notebook anywhere, with the types of ml-pipeline and of Node', async () => {
    const kernel = startKernel({ ...env, JUPYTER_PATH: '' }, { name: 'ml-pipeline', folder });
    const outcome = await kernel
      .run("import { sampleSource, show } from 'ml-pipeline';\nimport os from 'node:os';\nshow.table([{ a: os.EOL }]);")
      .finally(() => kernel.close());
    expect(outcome).toMatchObject({ status: 'ok', stderr: '', shown: [expect.stringContaining('1 row x 1 column')] });
  });

  test('--remove takes it away, once', async () => {
    expect(await run('kernel', ['--remove'], env)).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(path.dirname(spec()))).toBe(false);
    const again = await run('kernel', ['--remove'], env);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringMatching(/^There is no kernel in /) });
  });
});
