import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataset } from '../dataset.js';
import { type Folder, realFolder } from './folder.js';
import { errorLine, json, run } from './script.js';

const lines = (stdout: string): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('on real products (needs the real images)', () => {
  let folder: Folder;
  let html: string;
  beforeAll(async () => {
    folder = await realFolder(60);
    html = path.join(folder.path, 'pages', 'page.html');
    // A blank in the first row.
    await folder.edit(2, (line) => line.replace(/(Fall|Summer|Spring|Winter)/, ''));
  });
  afterAll(() => folder.remove());

  test('evaluate measures the held-out images only, and all with --all', async () => {
    const some = json(await run('evaluate', [folder.path, '--json'], {}));
    expect(some).toMatchObject({
      of: 60,
      attributes: expect.arrayContaining([
        expect.objectContaining({ attribute: 'gender', accuracy: expect.any(Number) }),
      ]),
    });
    expect(some.images).toBeLessThan(20);
    expect(some).toMatchObject({ heldOut: true, trainedOn: 0 });
    const all = await run('evaluate', [folder.path, '--all', '--report', html], {});
    expect(all.stdout).toMatch(/^attribute +images +labels +accuracy +top-5/);
    expect(all.stdout).toContain(`On the ${60 - some.images} images that it was trained on, which`);
    expect(all.stderr).toContain(`On ${some.images} images that the model was not trained on`);
    const page = await readFile(html, 'utf8');
    expect(page).toContain('src="data:image/jpeg;base64,');
    expect(page).not.toMatch(/(src|href)="http/);
  });

  test('curate suspects writes lines of JSON, and a page with their images', async () => {
    await rm(html, { force: true });
    const { stdout } = await run(
      'curate',
      ['suspects', folder.path, '--limit', '5', '--attributes', 'season,baseColour', '--json', '--html', html],
      {},
    );
    expect(lines(stdout)).toHaveLength(5);
    expect(lines(stdout)[0]).toMatchObject({
      id: expect.any(Number),
      attribute: expect.stringMatching(/season|baseColour/),
      label: expect.any(String),
      predicted: expect.any(String),
    });
    expect((await readFile(html, 'utf8')).match(/<img /g)).toHaveLength(5);
  });

  test('curate similar finds an image by its id and by its file', async () => {
    const [, id = 0] = folder.ids;
    const byId = lines(
      (await run('curate', ['similar', folder.path, '--to', String(id), '--limit', '3', '--json'], {})).stdout,
    );
    const byFile = lines(
      (await run('curate', ['similar', folder.path, '--to', folder.image(id), '--limit', '4', '--json'], {})).stdout,
    );
    expect(byFile[0]).toMatchObject({ id, similarity: expect.closeTo(1, 3) });
    expect(byFile.slice(1)).toMatchObject(byId.map((line) => ({ ...Object(line), similarity: expect.any(Number) })));
  });

  test('curate fill writes all products, with the confidence of what it filled in', async () => {
    const out = path.join(folder.path, 'filled.csv');
    expect(
      (await run('curate', ['fill', folder.path, '--attributes', 'season', '--min-confidence', '0', '--out', out], {}))
        .stdout,
    ).toMatch(/season +1 +0/);
    const [header, first, ...rest] = (await readFile(out, 'utf8')).trimEnd().split('\n');
    expect(header).toMatch(/,productDisplayName,seasonConfidence$/);
    expect(first).toMatch(/,(Fall|Summer|Spring|Winter),.*,0\.\d+$/);
    expect(rest).toHaveLength(59);
  });

  test('curate duplicates finds none among different products', async () => {
    expect((await run('curate', ['duplicates', folder.path, '--min-similarity', '0.99999'], {})).stdout).toContain(
      '0 groups, 0 of 60 products.',
    );
  });

  test('curate issues looks for defects, in a folder of nothing but images, too', async () => {
    const [first = 0, , last = 0] = folder.ids;
    await writeFile(folder.image(last), 'no image');
    const rows = lines((await run('curate', ['issues', folder.path, '--json', '--html', html], {})).stdout);
    expect(rows).toContainEqual(expect.objectContaining({ id: last, kind: 'unreadable', score: 1 }));
    expect(await readFile(html, 'utf8')).toContain('unreadable: 1');
    await copyFile(folder.image(first), folder.image(last));
    const images = path.dirname(folder.image(first));
    const { stdout } = await run('curate', ['issues', images], {});
    expect(stdout).toMatch(new RegExp(`${last}.jpg +twin +1.00 +the same as ${first}.jpg`));
    expect(errorLine(await run('curate', ['issues', images, '--threshold', 'dark=2'], {}))).toContain(
      'The threshold of dark is 2; give a number from 0 to 1',
    );
  });

  test('curate search finds images by words, and names the nearest to one that means nothing', async () => {
    const { stdout } = await run(
      'curate',
      ['search', folder.path, '--query', 'wacthes', '--by', 'image', '--json'],
      {},
    );
    expect(lines(stdout)[0]).toMatchObject({ id: expect.any(Number), words: expect.stringContaining('Watches') });
    const { status, stderr } = await run('curate', ['search', folder.path, '--query', 'qqqqqq'], {});
    expect(status).toBe(1);
    expect(stderr).toContain("error: Nothing here is called 'qqqqqq'.");
  });

  test('curate map writes a page with every image a point, and the places of all as lines of JSON', async () => {
    await rm(html, { force: true });
    const args = ['map', folder.path, '--right', 'season', '--size', '32', '--json', '--html', html];
    const found = lines((await run('curate', args, {})).stdout);
    expect(found).toHaveLength(60);
    expect(found[0]).toEqual({ id: expect.any(Number), x: expect.any(Number), y: expect.any(Number) });
    const page = await readFile(html, 'utf8');
    expect(page).toMatch(/60 images by season predicted \(PCA, \d+% of the variance\)/);
    expect(page).toContain('Thumbnails of 60 images, 32 x 32 pixels');
    expect(page).not.toMatch(/(src|href)="http/);
  });

  test('a misspelt attribute, and an id that is not there, are reported before anything is scored', async () => {
    const outcome = await run('curate', ['fill', folder.path, '--attributes', 'seson'], {});
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("Did you mean 'season'?");
    expect(errorLine(await run('curate', ['similar', folder.path, '--to', '7'], {}))).toContain(
      'There is no product 7 with an image',
    );
  });
});

test.each([
  ['evaluate', [], 'The folder with styles.csv and images/ is missing'],
  ['curate', [], 'The command is missing; it can be suspects, duplicates, similar, search, fill, map, issues'],
  ['curate', ['dupes', 'x'], "'dupes'; it can be"],
  ['curate', ['fill', 'x'], '--attributes season,usage'],
  ['curate', ['similar', 'x'], 'similar takes --to'],
  ['curate', ['search', 'x'], 'search takes --query, such as --query "red women heels"'],
  ['curate', ['issues', 'x', '--threshold', 'dark'], "--threshold has 'dark'; give something like dark=0.3"],
  ['curate', ['map', 'x'], 'map takes --html'],
  ['curate', ['suspects', 'x', '--limit', '0'], "--limit is '0'; give a whole number of at least 1"],
  ['curate', ['duplicates', 'x', '--min-similarity', 'much'], "--min-similarity is 'much'; give a number from 0 to 1"],
])('wrong usage says what is wrong; exit status 2: %s %j', async (script, args, says) => {
  const { status, stdout, stderr } = await run(script, args, {});
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(says);
});
