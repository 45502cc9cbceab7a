import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { type Folder, inventedFolder } from './folder.js';
import { errorLine, run } from './script.js';

let server: TestServer;
let folder: Folder;
let env: Record<string, string>;
beforeAll(async () => {
  server = await testServer();
  env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('table'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await inventedFolder();
});
afterEach(() => folder.remove());

/** Strict seeding fails with one line on stderr and leaves not even a bucket behind. */
async function refused(dataset = folder.path): Promise<string> {
  const outcome = await run('seed', ['--dataset', dataset, '--strict'], env);
  expect(outcome).toMatchObject({ status: 1, stdout: '' });
  await expect(
    new S3Client(server.config).send(new HeadBucketCommand({ Bucket: env.ML_PIPELINE_BUCKET })),
  ).rejects.toMatchObject({ name: 'NotFound' });
  return errorLine(outcome);
}

const name = (value: string) => (line: string) => line.replace(/[^,]*$/, value);
const id = (value: string) => (line: string) => line.replace(/^\d+/, value);

test('a folder that is not there is named', async () => {
  expect(await refused('no/such/folder')).toContain("'no/such/folder' is not a data set folder: it has no styles.csv.");
});

test.each(['styles.csv', 'images'])('a folder without %s is refused, and what it lacks is named', async (part) => {
  await rm(path.join(folder.path, part), { recursive: true });
  expect(await refused()).toContain(`'${folder.path}' is not a data set folder: it has no ${part}.`);
});

test('missing columns are named, and those that are needed', async () => {
  await folder.edit(1, (header) => header.replace(',season,year,', ','));
  const message = await refused();
  expect(message).toContain('the header lacks season, year.');
  expect(message).toContain('id, gender, masterCategory');
});

test.each(['', 'id\n'])('a file with next to nothing in it (%j) is refused for lack of columns', async (text) => {
  await writeFile(path.join(folder.path, 'styles.csv'), text);
  expect(await refused()).toContain('the header lacks');
});

test('a catalogue without a product is refused', async () => {
  await folder.write(folder.lines().slice(0, 1));
  expect(await refused()).toContain(`${folder.path} has no product with an image`);
});

test.each([
  ['nothing more in the file', []],
  ['inches in a later row', [[12, name('3.5" Pink')]]],
  ['a quoted value in a later row', [[12, name('"Pink, small"')]]],
  ['another broken quote later', [[12, name('"Pink')]]],
] as const)('a quote that is not closed is reported with the line it opens in, with %s', async (_, later) => {
  await folder.edit(5, name('"Shoe'));
  for (const [line, change] of later) await folder.edit(line, change);
  expect(await refused()).toContain(`${folder.path}/styles.csv:5: a quoted value of this row has no end.`);
});

test('a broken quote in the middle of a row, in the last row, and in the header is reported', async () => {
  await folder.edit(7, (line) => line.replace(',Men,', ',"Men,'));
  expect(await refused()).toContain('styles.csv:7:');
  await folder.edit(7, (line) => line.replace('"', ''));
  await folder.edit(21, name('"Shoe'));
  expect(await refused()).toContain('styles.csv:21:');
  await folder.edit(21, name('Shoe'));
  await folder.edit(1, (line) => `"${line}`);
  expect(await refused()).toContain('styles.csv:1:');
});

test('an id that comes twice is reported with both lines', async () => {
  await folder.edit(9, id('1000'));
  expect(await refused()).toContain('styles.csv:9: the id 1000 is in line 2 already.');
});

test.each(['abc', '', '-5', '../../etc/passwd', '12345678901234567890'])(
  "an id '%s' is reported with its line",
  async (value) => {
    await folder.edit(6, id(value));
    expect(await refused()).toContain(`styles.csv:6: the id '${value}' is not a whole number above 0.`);
  },
);

test.each(['20l2', '99999'])("a year '%s' is reported with its line", async (value) => {
  await folder.edit(6, (line) => line.replace(',2013,', `,${value},`));
  expect(await refused()).toContain(`styles.csv:6: the year '${value}' is not a number of four digits.`);
});
