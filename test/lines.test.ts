import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** Characters of a line, at most; the formatter leaves strings and comments alone. */
const width = 120;

/** The code that the formatter looks after. In JSON no string can be broken. */
const folders = ['src', 'scripts', 'localstack', 'notebooks/kernels', 'test'];
const isCode = (file: string): boolean => /\.(ts|mjs|cjs|js)$/.test(file);

/** Addresses that are longer than a line. */
const addresses = [
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html' +
    '#Programming.Errors.BatchOperations',
  'https://docs.aws.amazon.com/whitepapers/latest/s3-optimizing-performance-best-practices/' +
    'timeouts-and-retries-for-latency-sensitive-applications.html',
];

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file));

/** The lines of a text that are too long: `12: 131 characters`. */
const tooLong = (text: string): string[] =>
  text.split('\n').flatMap((line, i) => {
    const { length } = [...addresses.reduce((rest, address) => rest.replace(address, ''), line)];
    return length <= width ? [] : [`${i + 1}: ${length} characters`];
  });

it(`no line of code is longer than ${width} characters`, () => {
  const files = [...folders.flatMap(filesIn), ...readdirSync('.')].filter(isCode);
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => tooLong(readFileSync(file, 'utf8')).map((line) => `${file}:${line}`))).toEqual([]);
});

it('a line is measured in characters, and without the addresses in it', () => {
  expect(tooLong(`${'x'.repeat(120)}\n${'…'.repeat(121)}\n${'🙂'.repeat(120)}`)).toEqual(['2: 121 characters']);
  expect(tooLong(`// ${addresses[0]}`)).toEqual([]);
  expect(tooLong(`// ${addresses[0]}${'x'.repeat(118)}`)).toEqual(['1: 121 characters']);
});
