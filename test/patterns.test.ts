import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** The regular expressions in formatted code: they follow a bracket, an operator or a blank. */
const literal = /(?<=[(,=:?&|![\s])\/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+)\/([dgimsuvy]*)(?=[.,;)\s\]])/g;

const patterns = ['src', 'scripts', 'localstack'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|cjs|js)$/.test(file))
    .map((file) => path.join(folder, file))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
        .flatMap((line) => [...line.matchAll(literal)])
        .map(([, source = '', flags = '']) => ({ file, source, flags: flags.replace(/[gy]/g, '') })),
    ),
);

/** What an attack repeats, and what it may need to stand before. */
const repeated = [...' \n\t01aA./<>"{}-\\#%=,:[(_\'`|', '\r\n', ' \n', 'a ', 'a.', 'a/', '0.', '""', '<a', '-a', '\n-'];
const before = [
  '',
  '<',
  '<a',
  '<?',
  '"',
  '1',
  '1.',
  'https://',
  '/',
  '[',
  '{',
  'a=',
  's3://',
  '&',
  '}',
  '\n',
  'e',
  '`',
];

it('no pattern takes quadratic time on a text of 20 KB that someone made up', () => {
  expect(patterns.length).toBeGreaterThan(60);
  const texts = before.flatMap((start) => repeated.map((part) => `${start}${part.repeat(20_000 / part.length)}\u0001`));
  const slow = patterns
    .filter(({ source }) => /[*+]|\{\d+,\d*\}/.test(source))
    .flatMap(({ file, source, flags }) => {
      const pattern = new RegExp(source, flags);
      for (const text of texts) {
        const took = () => {
          const started = performance.now();
          pattern.test(text);
          return performance.now() - started;
        };
        // A busy machine is slow once; a bad pattern always.
        if (took() > 100 && took() > 100 && took() > 100)
          return [`${file}: /${source}/ on ${JSON.stringify(text.slice(0, 20))}…`];
      }
      return [];
    });
  // This one is asked of texts of up to 400 characters.
  expect(slow.filter((each) => !each.includes('/^0+|0+$/'))).toEqual([]);
}, 60_000);
