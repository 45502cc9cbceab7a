import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataset } from '../dataset.js';
import { type Folder, realFolder } from './folder.js';
import { errorLine, json, run } from './script.js';

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('train-head on real products (needs the real images)', () => {
  let folder: Folder;
  let labels: string;
  let model: string;
  const train = (...args: string[]) =>
    run(
      'train-head',
      ['--dataset', folder.path, '--attribute', 'dark', '--labels', labels, '--out', model, ...args],
      {},
    );
  beforeAll(async () => {
    folder = await realFolder(160);
    labels = path.join(folder.path, 'labels.csv');
    model = path.join(folder.path, 'model');
    const dark = (row: string) => (/,(Black|Navy Blue|Brown|Charcoal),/.test(row) ? 'yes' : 'no');
    // The last ten have no label.
    const rows = folder
      .lines()
      .slice(1, -10)
      .map((row) => `${row.split(',')[0]},${dark(row)}`);
    await writeFile(labels, ['id,dark', ...rows].join('\n'));
  });
  afterAll(() => folder.remove());

  test('learns the labels of a file, and predict.mjs takes the model', async () => {
    const done = json(await train('--json', '--backend', 'wasm'));
    expect(done).toMatchObject({ folder: model, labels: ['no', 'yes'], leftOut: {}, metric: { attribute: 'dark' } });
    expect(done.images.trained + done.images.heldOut).toBe(150);
    const { stdout } = await run('predict', [path.join(folder.path, 'images'), '--model', model, '--json'], {});
    expect(stdout.trimEnd().split('\n')).toHaveLength(160);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
      file: expect.stringMatching(/\.jpg$/),
      dark: { label: expect.stringMatching(/^(yes|no)$/) },
    });
  });

  test('says how good it is', async () => {
    expect((await train()).stdout).toMatch(
      new RegExp(
        String.raw`^2 labels, \d+ images in [\d.]+ s\nOn \d+ images held out: [\d.]+% right, macro-F1 [\d.]+% ` +
          String.raw`\(always the most frequent label: [\d.]+%\)\n`,
      ),
    );
  });

  test('names the column that a file of labels lacks', async () => {
    const other = path.join(folder.path, 'other.csv');
    await writeFile(other, 'product,dark\n1,yes\n');
    const outcome = await run('train-head', ['--dataset', folder.path, '--attribute', 'dark', '--labels', other], {});
    expect(outcome.status).toBe(1);
    expect(errorLine(outcome)).toContain('the header lacks id.');
  });

  test('leaves out a row of a file of labels whose quote is not closed, and says so', async () => {
    const other = path.join(folder.path, 'other.csv');
    await writeFile(other, 'id,dark\n1,yes\n2,"no\n3,yes\n');
    const outcome = await run('train-head', ['--dataset', folder.path, '--attribute', 'dark', '--labels', other], {});
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('1 row left out in line 3: a quoted value of this row has no end.');
    expect(outcome.stderr).toMatch(/error: .*has labels of other ids than the data set: of 1, for one, not of \d+/);
  });

  test('suggests the column that was meant', async () => {
    const outcome = await run('train-head', ['--dataset', folder.path, '--attribute', 'useage'], {});
    expect(outcome.status).toBe(1);
    expect(errorLine(outcome)).toContain("Did you mean 'usage'?");
  });
});
