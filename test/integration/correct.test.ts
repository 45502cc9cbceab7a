import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { errorLine, json, run } from '../scripts/script.js';
import { uniqueName } from '../server.js';
import { expectConsistent, type Hat, hatSource, hats } from './corrected.js';

const env = { ...inject('env'), ML_PIPELINE_TABLE: uniqueName('hats'), ML_PIPELINE_BUCKET: uniqueName('hats') };
const aws = clients({ env });
const catalogue = new Catalogue<Hat>(aws, hats);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'corrections-'));
  await seedCatalogue(aws, hatSource(12));
});
afterAll(async () => {
  aws.close();
  await rm(folder, { recursive: true });
});

it('correct.mjs applies what a review gives, lists what it left, and takes it back', async () => {
  const file = path.join(folder, 'corrections.json');
  const changes = [
    { id: 1, season: 'Winter', was: { season: 'Fall' } },
    { id: 2, season: 'Fall', was: { season: 'Summer' } },
  ];
  const schema = { fields: hats.fields };
  const corrections = {
    kind: 'corrections',
    version: 1,
    table: aws.table,
    schema,
    reason: 'seen',
    changes,
    leftOut: [4],
  };
  await writeFile(file, JSON.stringify(corrections));
  const dry = await run('correct', [file, '--dry-run'], env);
  expect(dry).toMatchObject({ status: 1, stderr: '' });
  expect(dry.stdout).toMatch(
    /^1 would be changed, 0 unchanged, 1 conflict, 0 failed\nconflict: 2: season is Winter, not/,
  );
  const { status, stdout } = await run('correct', [file], env);
  expect(status).toBe(1);
  expect(stdout).toContain('conflict: 2: season is Winter, not Summer (to be Fall)\n1 product to be left out');
  const [, id = ''] = /correct\.mjs --undo (\S+)/.exec(stdout) ?? [];
  expect((await catalogue.query({ id: 1 }).toArray())[0]?.season).toBe('Winter');
  expect((await run('correct', ['--list'], env)).stdout).toMatch(/season of 1 product, by \S+: seen \(done\)\n$/);
  expect(json(await run('correct', ['--undo', id, '--json'], env))).toMatchObject({ changed: 1, conflicts: [] });
  expect(errorLine(await run('correct', ['--undo', id], env))).toContain(`The change set ${id} was undone at`);
  await expectConsistent(aws);
  await writeFile(file, JSON.stringify({ ...corrections, changes: [{ id: 1, saeson: 'Fall', was: {} }] }));
  expect(errorLine(await run('correct', [file], env))).toContain("Did you mean 'season'?");
});
