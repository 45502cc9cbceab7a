import { expect, test } from 'vitest';
import {
  compareModels,
  drift,
  evaluate,
  fillBlanks,
  heldOut,
  nearDuplicates,
  type Scored,
  search,
  similar,
  suspectLabels,
} from '../../src/curation/index.js';
import { scoredOf } from './scores.js';

const functions: Record<string, (given: Scored) => unknown> = {
  evaluate,
  heldOut,
  nearDuplicates,
  suspectLabels,
  similar: (given) => similar(given, 1),
  search: (given) => search(given, 'red'),
  compareModels: (given) => compareModels(given, given),
  drift: (given) => drift(given, given),
  fillBlanks: (given) => fillBlanks(given, ['season']),
};
const scored = scoredOf([{ id: 1 }], [[1, 0, 0]]);

test.each(Object.keys(functions))('%s of something that was not scored says in a line what to do', async (name) => {
  const of = async (given: unknown) => functions[name]?.(given as Scored);
  const remedy = `Score it first: const scored = await pipeline.score(dataset); then ${name}(scored).`;
  for (const [given, kind] of [
    [{ rows: [{ id: 1 }], manifest: {} }, 'a data set'],
    [[{ id: 1 }], 'a list'],
    [undefined, 'undefined'],
  ] as const) {
    await expect(of(given)).rejects.toMatchObject({
      code: 'curation.notScored',
      message: `${name} takes what was scored, not ${kind}. ${remedy}`,
    });
  }
  await expect(of(Promise.resolve(scored))).rejects.toThrow(
    `${name} takes what was scored, not a promise. It is a promise: write await before what makes it.`,
  );
});
