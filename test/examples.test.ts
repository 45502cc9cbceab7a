import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

interface Example {
  /** The file below src that it is written in, and the line of its first line of code. */
  file: string;
  line: number;
  code: string;
  /** The cell that runs before it; default: the one in docs/api.md. */
  before?: string;
}

/** The examples in the docstrings of a module. */
function examplesOf(file: string, text: string): Example[] {
  return [...text.matchAll(/^( *)\/\*\*\n(?:\1 \*.*\n)*?\1 \*\/\n/gm)].flatMap(({ 0: comment, index }) =>
    [...comment.matchAll(/\* @example *\n((?: *\*(?: (?!@).*)?\n)+)/g)].map(
      ({ 0: block, 1: lines = '', index: start }) => ({
        file,
        line: text.slice(0, index + start + block.indexOf('\n') + 1).split('\n').length,
        code: lines.replace(/^ *\* ?/gm, ''),
      }),
    ),
  );
}

/** The TypeScript of a page in Markdown, as the cells of one notebook: each may declare earlier names again. */
function pageOf(file: string, text: string): Example {
  let inside = false;
  let cells = 0;
  const code = text.split('\n').map((line) => {
    const fence = line === (inside ? '```' : '```ts');
    if (fence) inside = !inside;
    if (fence && inside) cells++;
    return fence ? (inside ? '{' : '') : inside ? line : '';
  });
  return { file, line: 1, code: code.join('\n') + '}'.repeat(cells), before: '' };
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const sources = new Map(files.map((file) => [file, readFileSync(path.join('src', file), 'utf8')]));
const examples = [...sources].flatMap(([file, text]) => examplesOf(file, text));

/** The names that a module declares and exports. */
const declaredIn = (file: string): string[] =>
  [...(sources.get(file) ?? '').matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
/** The names that a module exports, by the modules that it has them from. */
function exportsOf(file: string): Map<string, string> {
  const text = sources.get(file) ?? '';
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)';/gm)].flatMap(
    ([, names = '', from = '']) =>
      names.split(',').map((name): [string, string] => [name.replace('type ', '').trim(), from]),
  );
  const wholes = [...text.matchAll(/^export \* from '\.\/([^']*)\.js';/gm)].flatMap(([, module]) => [
    ...exportsOf(path.posix.join(path.posix.dirname(file), `${module}.ts`)),
  ]);
  const own = declaredIn(file).map((name): [string, string] => [name, `./${path.posix.basename(file, '.ts')}.js`]);
  return new Map([...own, ...lists, ...wholes].filter(([name]) => name !== ''));
}
const publicNames = exportsOf('index.ts');

/** What an example may name without an import: the kit, three functions of Node, and what lies beside the example. */
const importable = (file: string): [module: string, names: Iterable<string>][] => {
  const room = file.includes('/') ? path.posix.relative(path.posix.dirname(file), file.split('/')[0] ?? '') || '.' : '';
  return [
    ['ml-pipeline', publicNames.keys()],
    ['node:fs/promises', ['readFile', 'readdir', 'writeFile']],
    [`./${path.posix.basename(file, '.ts')}.js`, declaredIn(file)],
    [`${room}/index.js`, exportsOf(`${file.split('/')[0]}/index.ts`).keys()],
  ];
};

/** The cell that runs before every example. */
const firstCell = /```ts\n(.*?)```/s.exec(readFileSync('docs/api.md', 'utf8'))?.[1] ?? '';
const isImport = (line: string): boolean => line.startsWith('import ');
const importedBy = (code: string): string[] =>
  code
    .split('\n')
    .filter(isImport)
    .flatMap((line) => line.slice(0, line.indexOf(' from ')).match(/\w+/g) ?? []);

/** A module that does what the cell of an example does, and the line before its first. */
function moduleOf({ file, code, before = firstCell }: Example): { text: string; offset: number } {
  const lines = code.split('\n');
  const imported = new Set(importedBy(`${before}\n${code}`));
  const imports = importable(file).flatMap(([from, names]) => {
    const used = [...names].filter((name) => !imported.has(name) && new RegExp(`(?<![.'\\w])${name}\\b`).test(code));
    for (const name of used) imported.add(name);
    return used.length > 0 ? [`import { ${used.join(', ')} } from '${from}';`] : [];
  });
  // The example stands in a block, where it may declare the first cell's names again.
  const above = [...imports, ...lines.filter(isImport), before, '{'].join('\n');
  const below = lines.map((line) => (isImport(line) ? '' : line)).join('\n');
  return { text: `${above}\n${below}}\nexport {};\n`, offset: above.split('\n').length };
}

/** The compiler's complaints about examples, each with the file and line where the example is written. */
function faultsOf(some: readonly Example[]): string[] {
  mkdirSync('out', { recursive: true });
  const folder = mkdtempSync('out/examples-');
  try {
    const places = new Map<string, { file: string; before: number }>();
    for (const example of some) {
      const { text, offset } = moduleOf(example);
      const name = `${example.file.replace(/^\.\.\/|\.\w+$/g, '')}-${example.line}.ts`;
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
      places.set(name, { file: path.posix.join('src', example.file), before: example.line - offset - 1 });
    }
    const compilerOptions = {
      noEmit: true,
      strict: false,
      skipLibCheck: true,
      types: ['node'],
      target: 'ES2022',
      lib: ['ES2022'],
      module: 'NodeNext',
      // A relative import finds the built module.
      rootDirs: ['.', '../../dist'],
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
    const tsc = path.resolve('node_modules/typescript/bin/tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    // A complaint's further lines are indented.
    const complaints = `${stdout}${stderr}`.split(/\n(?=\S)/).filter((complaint) => complaint.trim() !== '');
    const placed = complaints.map((complaint) => {
      const [, name = '', line, text = ''] = /^(.+?)\((\d+),\d+\): (.*)$/s.exec(complaint.trimEnd()) ?? [];
      const place = places.get(name);
      return place ? `${place.file}:${place.before + Number(line)} ${text}` : complaint;
    });
    return placed.sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('the examples in the docstrings compile, as cells of a notebook', { timeout: 300_000 }, () => {
  expect(examples.length).toBeGreaterThan(80);
  expect(faultsOf(examples)).toEqual([]);
});

it.each(['README.md'])('the TypeScript in %s compiles, as cells of a notebook', { timeout: 300_000 }, (file) => {
  expect(faultsOf([pageOf(`../${file}`, readFileSync(file, 'utf8'))])).toEqual([]);
});

it('each public function, class and constant has an example', () => {
  const without = [...publicNames].flatMap(([name, from]) => {
    const declaration = new RegExp(`^export (?:async )?(?:function|class|const) ${name}\\b`, 'm');
    return [...sources]
      .filter(([file, text]) => `./${file}`.startsWith(path.posix.dirname(from)) && declaration.test(text))
      .map(([file, text]) => ({ file, above: text.slice(0, text.search(declaration)).trimEnd() }))
      .filter(({ above }) => !above.endsWith('*/') || !above.slice(above.lastIndexOf('/**')).includes('@example'))
      .map(({ file }) => `src/${file} ${name}`);
  });
  expect(without).toEqual([]);
});

it('an example that does not compile is named by its file and line', { timeout: 300_000 }, () => {
  const text = `/** No example. */
export const one = 1;

/**
 * Two examples.
 *
 * @example
 * import { gridHtml } from '../panels/grid.js';
 * const { catalogue } = await connect();
 * await catalogue.asked(figureSvg(
 *   barFigure(gridHtml([]), 'season')));
 *
 * @throws never
 *
 * @example
 * one + two;
 */
export const two = 2;
`;
  expect(faultsOf(examplesOf('views/charts/svg.ts', text))).toEqual([
    "src/views/charts/svg.ts:10 error TS2339: Property 'asked' does not exist on type 'Catalogue<Product>'.",
    "src/views/charts/svg.ts:11 error TS2345: Argument of type 'string' is not assignable to parameter of type " +
      "'Tabular'.",
    "src/views/charts/svg.ts:16 error TS2304: Cannot find name 'one'.",
    "src/views/charts/svg.ts:16 error TS2304: Cannot find name 'two'.",
  ]);
});
