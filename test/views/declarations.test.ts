import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

test(
  'the first cell of a notebook has the declarations of one package to check, not the megabytes of the AWS ' +
    'SDK and TensorFlow.js',
  () => {
    const packages = new Set<string>();
    const seen = new Set<string>();
    const follow = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      const declarations = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
      for (const [, name = ''] of declarations.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
        if (name.startsWith('.')) follow(path.resolve(path.dirname(file), name.replace(/\.js$/, '.d.ts')));
        else if (!name.startsWith('node:')) packages.add(name);
      }
    };
    follow(path.resolve('dist/index.d.ts'));
    expect([...packages].sort()).toEqual(['zod']);
  },
);
