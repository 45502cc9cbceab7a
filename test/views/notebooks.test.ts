import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { decodeImage } from '../../src/image/codec.js';
import { sampleSource } from '../../src/sample/index.js';
import { startWorker } from '../pipeline/queue/setup.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { committable, execute, jupyter, type Notebook, notebooks, type Output, parseNotebook } from './execute.js';

const names = [
  '1-queries.ipynb',
  '2-augmentation.ipynb',
  '3-inference.ipynb',
  '4-queues.ipynb',
  '5-your-own-data.ipynb',
  '6-training-set.ipynb',
] as const;
const reason = jupyter
  ? ''
  : ' (skipped, no Jupyter: npm run lab -- --only-environment brings it, or name it in ML_PIPELINE_JUPYTER)';

describe.skipIf(!jupyter)(`run from top to bottom on the sample${reason}`, () => {
  let server: TestServer;
  let env: Record<string, string>;
  let shoes: number;

  beforeAll(async () => {
    server = await testServer();
    const ownNames = { ML_PIPELINE_TABLE: uniqueName('notebooks'), ML_PIPELINE_BUCKET: uniqueName('notebooks') };
    env = { ...server.env, ...(server.embedded ? {} : ownNames) };
    const aws = clients({ env });
    const source = sampleSource();
    await seedCatalogue(aws, source);
    aws.close();
    shoes = 0;
    for await (const { gender, subCategory, year = 0 } of source.products()) {
      if (gender === 'Men' && subCategory === 'Shoes' && year > 2012) shoes++;
    }
  }, 120_000);
  afterAll(() => server.close());

  async function run(name: (typeof names)[number]): Promise<Notebook> {
    const json = await execute(name, env);
    // The way to renew the outputs that are committed.
    if (process.env.ML_PIPELINE_UPDATE_NOTEBOOKS) writeFileSync(path.join(notebooks, name), committable(json));
    return parseNotebook(json);
  }

  test('1-queries: plans, tables, charts of every row, ten images', async () => {
    const done = await run('1-queries.ipynb');
    expect(errors(done)).toEqual([]);
    const [plan] = outputOf(done, 'catalogue.explain({ gender');
    expect(plan?.data?.['text/plain']).toMatch(/^index bySubCategory, .* read units \(a scan: [\d.]+\)/);
    expect(plan?.data?.['text/html']).toContain('✓ index bySubCategory');
    const [progress, table] = outputOf(done, 'show.table(shoes.metadata);');
    expect(progress?.data?.['text/plain']).toContain(`${shoes}/${shoes} images`);
    expect(table?.data?.['text/html']).toContain(`<p>${shoes} rows x 11 columns</p>`);
    const charts = outputOf(done, 'show.histogram');
    expect(charts).toHaveLength(2);
    for (const chart of charts) {
      const bars = barLengths(chart);
      expect(bars.length).toBeGreaterThan(2);
      expect(bars.reduce((sum, n) => sum + n, 0)).toBe(shoes);
      expect(chart.data?.['image/svg+xml']?.match(/<rect /g)).toHaveLength(bars.length);
    }
    for (const code of ['show.grid(ten)', 'show.table(ten'])
      expect(await imageSizes(outputOf(done, code))).toEqual(Array(10).fill('60x80'));
  }, 240_000);

  test('2-augmentation: variants beside their originals, made again byte for byte', async () => {
    const done = await run('2-augmentation.ipynb');
    expect(errors(done)).toEqual([]);
    expect(await imageSizes(outputOf(done, 'show.compare(shoes'))).toEqual(Array(6).fill(['60x80', '256x256']).flat());
    expect(await imageSizes(outputOf(done, 'show.compare(watches'))).toEqual(
      Array(4)
        .fill(['60x80', ...Array(4).fill('120x160')])
        .flat(),
    );
    expect(outputOf(done, 'again.data.equals')[0]?.text?.trim()).toBe('true');
  }, 240_000);

  test('3-inference: predictions beside the labels for all seven attributes, and what is read off them', async () => {
    const done = await run('3-inference.ipynb');
    expect(errors(done)).toEqual([]);
    const predictions = outputOf(done, 'show.predictions(await inferred');
    expect(await imageSizes(predictions)).toEqual(Array(4).fill('60x80'));
    expect(predictions.at(-1)?.data?.['text/html']).toMatch(/gender \d of 4 right.* usage \d of 4 right/);
    const marks = outputOf(done, 'evaluate(scored)').at(-1)?.data?.['text/html'];
    expect(marks).toContain('7 rows x 8 columns');
    // The held-out ones of 720 drawn images.
    expect(marks).toMatch(
      /On \d\d images that the model was not trained on; 6\d\d that it was trained on are left out/,
    );
    for (const [code, type] of [
      ['show.confusion(', 'heatmap'],
      ['show.reliability(', 'scatter'],
    ] as const) {
      const [chart] = outputOf(done, code);
      expect(chart?.data?.['application/vnd.plotly.v1+json']).toMatchObject({
        data: [{ type }],
        layout: { title: { text: expect.stringContaining('articleType: ') } },
      });
      expect(chart?.data?.['image/svg+xml']).toContain('</svg>');
    }
    expect(new Set(await imageSizes(outputOf(done, 'show.confusions(')))).toEqual(new Set(['60x80']));
    const [map, caught] = outputOf(done, 'show.map(');
    expect(map?.data?.['application/vnd.plotly.v1+json']).toMatchObject({ config: { displaylogo: false } });
    expect(caught?.data?.['text/html']).toMatch(/Thumbnails of 720 images, 40 x 40 pixels, \d+ KB/);
    // Six labels, of which two may be one product's.
    expect((await imageSizes(outputOf(done, 'show.suspects('))).slice(0, 4)).toEqual(Array(4).fill('60x80'));
    expect((await imageSizes(outputOf(done, 'show.similar('))).slice(0, 7)).toEqual(Array(7).fill('60x80'));
    expect(outputOf(done, 'show.groups(').at(-1)?.data?.['text/html']).toMatch(/\d+ groups?/);
    expect(outputOf(done, 'pipeline.trainHead(')[0]?.data?.['text/plain']).toContain('train     ████████████████████');
    expect(outputOf(done, 'show.predictions(await patterned').at(-1)?.data?.['text/html']).toMatch(
      /pattern \d of 2 right/,
    );
    expect(outputOf(done, 'fillBlanks(scored')[0]?.data?.['text/html']).toContain('2 rows x 3 columns');
  }, 240_000);

  test('4-queues: a job beside a worker, its result, and a dead letter redriven', async () => {
    const worker = await startWorker(env);
    const done = await run('4-queues.ipynb');
    worker.kill();
    await worker.outcome;
    expect(errors(done)).toEqual([]);
    const [progress, table] = outputOf(done, 'show.table(shoes.metadata);');
    expect(progress?.data?.['text/plain']).toContain(`copy      ████████████████████  ${shoes}/${shoes} images`);
    expect(progress?.data?.['text/plain']).toContain(`augment   ████████████████████  ${shoes}/${shoes} images`);
    expect(table?.data?.['text/html']).toContain(`<p>${shoes} rows x 11 columns</p>`);
    expect(await imageSizes(outputOf(done, 'show.compare(shoes'))).toEqual(Array(6).fill(['60x80', '256x256']).flat());
    expect(outputOf(done, 'broken.result();\n} catch').at(-1)?.text).toBe('job.deadLetters\n');
    expect(outputOf(done, 'const letters')[0]?.text).toMatch(
      /^infer, \d+ products: The model is not complete at .*weights\.bin/,
    );
    expect(await imageSizes(outputOf(done, 'show.predictions'))).toEqual(Array(4).fill('60x80'));
  }, 240_000);

  test('5-your-own-data: leaves in a catalogue of their own, by their own fields, and species filled in', async () => {
    const fashion = clients({ env });
    const before = await new Catalogue(fashion).statistics();
    const done = await run('5-your-own-data.ipynb');
    expect(await new Catalogue(fashion).statistics()).toEqual(before);
    fashion.close();
    expect(errors(done)).toEqual([]);
    expect(outputOf(done, "explain({ species: 'oak'")[0]?.data?.['text/plain']).toMatch(
      /^index bySpecies, \d+ of 240 products read/,
    );
    expect(outputOf(done, 'explain({ site:')[0]?.data?.['text/plain']).toMatch(
      /^index bySiteSpecies, \d+ of 240 products read/,
    );
    const oaks = outputOf(done, 'show.table(oaks.metadata)');
    expect(oaks[1]?.data?.['text/html']).toMatch(/<p>\d+ rows x 6 columns<\/p>/);
    expect(await imageSizes(oaks)).toEqual(Array(6).fill('120x160'));
    expect(barLengths(outputOf(done, 'show.bar')[1]).reduce((sum, n) => sum + n, 0)).toBe(240);
    expect(outputOf(done, 'pipeline.trainHead(')[0]?.data?.['text/plain']).toContain('train     ████████████████████');
    expect(await imageSizes(outputOf(done, 'speciesConfidence'))).toEqual(Array(12).fill('120x160'));
    const [, right] = /^(\d+) of 60 /.exec(outputOf(done, 'are what was drawn')[0]?.text ?? '') ?? [];
    expect(Number(right)).toBeGreaterThan(50);
    const described = outputOf(done, 'describeTable(shop)')[0]?.data?.['text/plain'];
    expect(described).toContain('index   place-picked: place (a text) + picked (a text), with the keys alone');
    expect(described).toContain('left out: sheet, a map in 100.0%');
    const explained = outputOf(done, 'existing.catalogue.explain').at(-1)?.data?.['text/plain'];
    expect(explained).toMatch(
      /^index place-picked, then each product by its key \(the index lacks metres, photo\), \d/,
    );
    expect((await imageSizes(outputOf(done, 'late.sample'))).length).toBeGreaterThan(0);
  }, 240_000);

  test('6-training-set: reviewed, corrected, split without leaks, saved, verified, trained on, written', async () => {
    const done = await run('6-training-set.ipynb');
    expect(errors(done)).toEqual([]);
    const textOf = (cell: string, at: number) => outputOf(done, cell).at(at)?.data?.['text/plain'];
    expect(outputOf(done, 'show.review(')[0]?.data?.['text/html']).toContain('data-decision="accept"');
    expect(printed(done, 'catalogue.update(')).toBe('2 corrected, 0 in conflict\n');
    expect(textOf('catalogue.update(', -1)).toMatch(/0 added, 0 removed, 2 changed/);
    expect(printed(done, 'catalogue.undo(')).toBe(
      'reviewed by pictures: 2 taken back\nthe data set is as the catalogue is\n',
    );
    expect(outputOf(done, 'inspect(footwear)').at(-1)?.data?.['text/html']).toMatch(/\d+ of 247 images have issues/);
    expect(textOf('const clean', 0)).toMatch(
      /footwear\/: \d+ of \d+ rows; without \d rows? with suspect labels; without \d+ rows? of \d+ groups?/,
    );
    expect(printed(done, 'clean.split(')).toBe('0 leaks\n');
    expect(textOf('clean.split(', 1)).toMatch(/^\d+ rows: train \d+ \(8\d\.\d%\), validation /);
    const saved = outputOf(done, 'pipeline.save(');
    expect(saved.some(({ data }) => data?.['text/html']?.includes('no suspect labels, no twins'))).toBe(true);
    const differences = outputOf(done, 'show.diff(');
    expect(differences[0]?.data?.['text/html']).toMatch(/0 added, \d+ removed, 0 changed/);
    expect(await imageSizes(differences)).toEqual(Array(6).fill('60x80'));
    expect(textOf('pipeline.verify(', -1)).toMatch(
      /^footwear_clean: (\d+) of \1 images are as their manifest says; 20 of 20 made again are the same$/,
    );
    expect(textOf('pipeline.trainHead(', -1)).toContain('articleType');
    expect(printed(done, "write('webdataset'")).toContain('## How to read it');
    expect(printed(done, "write('webdataset'")).toMatch(
      /huggingface: \d+ rows \(train \d+, validation \d+, test \d+\)/,
    );
  }, 240_000);
});

describe.each(names)('%s as it is committed', (name) => {
  const committed = () => readFileSync(path.join(notebooks, name), 'utf8');

  test('has the outputs of a run to its end, small enough for a code host', () => {
    const { cells } = parseNotebook(committed());
    const executed = cells.flatMap((cell) => (cell.cell_type === 'code' ? [cell.execution_count] : []));
    expect(executed).toEqual(executed.map((_, i) => i + 1));
    expect(errors({ cells })).toEqual([]);
    expect(statSync(path.join(notebooks, name)).size).toBeLessThan(500_000);
  });

  test('holds no path of a machine and no time of a run', () => {
    const json = committed();
    expect(json).not.toContain(homedir() === '/' ? '/home/' : homedir());
    expect(json).not.toContain(process.cwd());
    expect(json).not.toMatch(/127\.0\.0\.1|localhost/);
    expect(committable(json)).toBe(json);
  });
});

/** What a person would see in red. */
const errors = ({ cells }: Notebook): Output[] =>
  cells.flatMap(({ outputs }) =>
    outputs.filter(({ output_type, name }) => output_type === 'error' || name === 'stderr'),
  );

/** The outputs of the one cell that contains some code. */
function outputOf({ cells }: Notebook, code: string): Output[] {
  const found = cells.filter(({ cell_type, source }) => cell_type === 'code' && source.includes(code));
  expect(found, `cells with ${code}`).toHaveLength(1);
  return found[0]?.outputs ?? [];
}

/** What a cell printed. */
const printed = (notebook: Notebook, code: string): string =>
  outputOf(notebook, code)
    .map(({ text = '' }) => [text].flat().join(''))
    .join('');

function barLengths(chart: Output | undefined): number[] {
  expect(chart?.data?.['application/vnd.plotly.v1+json']).toMatchObject({
    data: [{ type: 'bar' }],
    layout: { title: {} },
  });
  const texts = /"text":\[(.*?)\]/.exec(JSON.stringify(chart?.data))?.[1] ?? '';
  return texts === '' ? [] : texts.split('","').map((n) => Number(n.replace(/\D/g, '')));
}

/** Decodes every image of some outputs. */
async function imageSizes(outputs: readonly Output[]): Promise<string[]> {
  const html = outputs.map(({ data }) => data?.['text/html'] ?? '').join('');
  const sizes = [];
  for (const [, base64 = ''] of html.matchAll(/src="data:image\/\w+;base64,([^"]*)"/g)) {
    const { width, height } = await decodeImage(Buffer.from(base64, 'base64'));
    sizes.push(`${width}x${height}`);
  }
  return sizes;
}
