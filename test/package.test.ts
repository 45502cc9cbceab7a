import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asInstalled } from '../src/work/index.js';

const execute = promisify(execFile);
const modules = path.resolve('node_modules');
/** A new project with the package in it, and whatever that depends on. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-package-'));
  const installed = path.join(project, 'node_modules');
  await mkdir(installed);
  const { stdout } = await execute('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project]);
  await execute('tar', ['-xzf', path.join(project, stdout.trim()), '-C', project]);
  await rename(path.join(project, 'package'), path.join(installed, 'ml-pipeline'));
  for (const name of await readdir(modules))
    if (!['ml-pipeline', '.bin', '.package-lock.json'].includes(name))
      await symlink(path.join(modules, name), path.join(installed, name));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const use = `import { type Condition, connect, type DataTable, queries, randomCrop, resize, show } from 'ml-pipeline';

export async function main(): Promise<string[]> {
  const { catalogue, pipeline } = await connect();
  const where: Condition = { gender: 'Women', year: { gt: 2012 } };
  for (const { value, products } of await catalogue.values('season')) console.log(value.length, products);
  const shoes = await pipeline.run(queries.maleShoesFrom2012);
  await pipeline.augment(shoes, [randomCrop(50, 70), resize(64, 64)]);
  const table: DataTable = await catalogue.query(where).table();
  const counts = table.filter((row) => row.year > 2012).groupby('season').count();
  await show.table(shoes.metadata.orderby('year').select('id', 'year'));
  show.bar(counts, 'season');
  return counts.columnNames();
}
`;

describe('the package', () => {
  it.each([
    ['NodeNext, as a module', 'use.mts', ['--module', 'nodenext']],
    ['NodeNext, as CommonJS', 'use.cts', ['--module', 'nodenext']],
    ['a bundler', 'use.ts', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('compiles strictly, its declarations included, for %s', async (_, file, options) => {
    await writeFile(path.join(project, file), use);
    const tsc = path.join(modules, 'typescript/bin/tsc');
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--skipLibCheck',
      'false',
    ];
    const args = [tsc, '--noEmit', '--target', 'es2022', ...strict, ...options, file];
    const said = await execute(process.execPath, args, { cwd: project }).catch(({ stdout }: { stdout: string }) => ({
      stdout,
    }));
    expect(said.stdout).toBe('');
  });

  it.each([
    ['import', 'index.mjs', "import { connect } from 'ml-pipeline';"],
    ['require', 'index.cjs', "const { connect } = require('ml-pipeline');"],
  ])('runs by %s, and names no script that it does not have', async (_, file, line) => {
    const env = "{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }";
    const code = `${line}\nconnect({ env: ${env} }).catch(({ code, message }) => console.log(code, message));\n`;
    await writeFile(path.join(project, file), code);
    const { stdout } = await execute(process.execPath, [file], { cwd: project });
    expect(stdout).toMatch(/^aws\.unreachable .* Start the mock with: docker run -p 127\.0\.0\.1:9:4566 localstack/);
  });
});

describe('a message with a script to run', () => {
  it.each([
    ['List them: npx zx scripts/jobs.mjs', 'List them: await pipeline.jobs()'],
    [
      'Send them: npx zx scripts/jobs.mjs resume 20-ab, or remove it: npx zx scripts/jobs.mjs remove 20-ab',
      "Send them: await (await pipeline.job('20-ab')).resume(), or remove it: " +
        "await (await pipeline.job('20-ab')).remove()",
    ],
    [
      'Deploy it, then: npx zx scripts/jobs.mjs watch 20-ab',
      "Deploy it, then: await (await pipeline.job('20-ab')).result()",
    ],
    [
      'Start a worker (npx zx scripts/worker.mjs) or not',
      "Start a worker (worker.mjs, a script of the kit's repository) or not",
    ],
    ['build it with `zx scripts/tfjs-node.mjs`, or take', 'build it with npm install @tensorflow/tfjs-node, or take'],
  ])('is one with a call where there are no scripts: %s', (message, inPackage) => {
    expect(asInstalled(message, false)).toBe(inPackage);
    expect(asInstalled(message)).toBe(message);
  });
});
