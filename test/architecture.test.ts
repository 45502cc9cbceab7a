import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** The rooms of src: each may import those after it, and no others. */
const rooms = [
  'views',
  'pipeline',
  'curation',
  'sample',
  'model',
  'augment',
  'dataset',
  'catalogue',
  'aws',
  'image',
  'work',
];

interface Import {
  from: string;
  to: string;
}

/** What a module imports by a relative path, types included. */
function importsOf(file: string, text: string): Import[] {
  const specifiers = [...text.matchAll(/^(?!\s*(?:\*|\/\/)).*?(?:\bfrom|\bimport\(?)\s*['"](\.[^'"]+)['"]/gm)];
  return specifiers.map(([, specifier = '']) => ({
    from: file,
    to: path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'),
  }));
}

const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

/** What is wrong with an import; undefined where nothing is. */
function fault({ from, to }: Import): string | undefined {
  const [a, b] = [roomOf(from), roomOf(to)];
  if (a !== '' && a !== b) {
    const [i, j] = [rooms.indexOf(a), rooms.indexOf(b)];
    if (b === '' && !['version.ts', 'package-root.ts'].includes(to))
      return `${from} imports ${to}: a room imports nothing of the top level`;
    if (b !== '' && (i < 0 || j < i)) return `${from} imports ${to}: against the arrows`;
  }
  const folders = to.split('/').slice(0, -1);
  const past = folders
    .map((_, depth) => folders.slice(0, depth + 1).join('/'))
    .find((folder) => !from.startsWith(`${folder}/`) && hasIndex(folder) && to !== `${folder}/index.ts`);
  return past === undefined ? undefined : `${from} imports ${to}: past ${past}/index.ts`;
}

const hasIndex = (folder: string): boolean => existsSync(path.join('src', folder, 'index.ts'));

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.ts'));
const graph = new Map(files.map((file) => [file, importsOf(file, readFileSync(path.join('src', file), 'utf8'))]));

/** A way from a module back to itself, of imports that are there at run time or of types alone. */
function cycle(): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of graph.get(file) ?? []) {
      const found = visit(to, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const found = visit(file, []);
    if (found) return found;
  }
  return undefined;
}

describe('the rooms of src', () => {
  it('are those that docs/architecture.md draws', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([...rooms].sort());
  });

  it('import each other downwards only, and by their index', () => {
    expect(graph.size).toBeGreaterThan(150);
    expect([...graph.values()].flat().length).toBeGreaterThan(500);
    expect([...graph.values()].flat().flatMap((each) => fault(each) ?? [])).toEqual([]);
  });

  it('have no cycles', () => {
    expect(cycle()).toBeUndefined();
  });

  it.each([
    ['work/errors.ts', "import { Catalogue } from '../catalogue/index.js';", 'against the arrows'],
    ['image/codec.ts', "import { randomCrop } from '../augment/index.js';", 'against the arrows'],
    ['dataset/row.ts', "export { fieldValue } from '../catalogue/product.js';", 'past catalogue/index.ts'],
    ['curation/fill.ts', "const { show } = await import('../views/index.js');", 'against the arrows'],
    ['model/load.ts', "import { completeJob } from '../pipeline/queue/jobs/complete.js';", 'against the arrows'],
    ['aws/bucket.ts', "import { connect } from '../connect.js';", 'nothing of the top level'],
  ])('%s may not say %s', (file, text, reason) => {
    expect(importsOf(file, text).map(fault)).toEqual([expect.stringContaining(reason)]);
  });
});

describe('scripts', () => {
  const scripts = ['scripts', 'localstack'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  );
  const doorsOf = (file: string) =>
    [...readFileSync(file, 'utf8').matchAll(/from '(?:\.\.\/)+dist\/([^']+)'/g)].map(([, to]) => to);

  it('import the kit by its two doors; what up and down load, which start fast, by a third', () => {
    const imports = scripts.filter((file) => file.endsWith('.mjs')).map((file) => ({ file, doors: doorsOf(file) }));
    expect(new Set(imports.flatMap(({ doors }) => doors))).toEqual(new Set(['index.js', 'internal.js', 'quick.js']));
    const fast = imports.filter(({ doors }) => doors.includes('quick.js'));
    expect(fast.map(({ file }) => file).sort()).toEqual([
      'localstack/docker.mjs',
      'localstack/dynamodb.mjs',
      'localstack/emulator.mjs',
      'localstack/foreign.mjs',
      'localstack/lifecycle.mjs',
      'localstack/ministack.mjs',
      'localstack/state.mjs',
      'scripts/lib/cli.mjs',
      'scripts/lib/options.mjs',
      'scripts/lib/python.mjs',
    ]);
    expect(new Set(fast.flatMap(({ doors }) => doors))).toEqual(new Set(['quick.js']));
  });
});
