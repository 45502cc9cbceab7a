import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { TrainedCard } from '../../src/model/files/card.js';
import { readmeOf } from '../../src/model/training/readme.js';

it('the README of the shipped model says what its card says', async () => {
  const read = (name: string) => readFile(`src/model/weights/${name}`, 'utf8');
  const card: TrainedCard = JSON.parse(await read('pipeline.json'));
  expect(readmeOf(card)).toBe(await read('README.md'));
  expect(readmeOf(card)).toContain('| articleType | 87.9% | 98.9% | 68.6% | 16.7% | 1.4% | 3,977 |');
});
