import { describe, expect, it } from 'vitest';
import { fillBlanks, suspectLabels } from '../../src/curation/index.js';
import { scoredOf } from './scores.js';

describe('suspectLabels', () => {
  it('ranks a label of an easy class above one of a hard class that gets the same probability', () => {
    const items = ['Summer', 'Summer', 'Summer', 'Winter', 'Winter', 'Winter', undefined].map((season, id) => ({
      id,
      ...(season && { season }),
    }));
    const rows = [
      [0.98, 0, 0.02],
      [0.98, 0, 0.02],
      [0.1, 0, 0.9],
      [0, 0.4, 0.3],
      [0, 0.4, 0.3],
      [0, 0.1, 0.9],
      [0, 0, 1],
    ];
    expect(suspectLabels(scoredOf(items, rows))).toMatchObject([
      {
        item: { id: 2 },
        attribute: 'season',
        label: 'Summer',
        predicted: 'Fall',
        confidence: expect.closeTo(0.9, 5),
        given: expect.closeTo(0.1, 5),
      },
      { item: { id: 5 }, label: 'Winter', predicted: 'Fall' },
    ]);
    expect(suspectLabels(scoredOf(items, rows), { limit: 1 })).toHaveLength(1);
  });

  it(
    'gives a label that the model does not know a probability of 0, and suspects it the more the surer the ' +
      'model is',
    () => {
      const items = ['Sumer', 'Monsoon', 'Fall'].map((season, id) => ({ id, season }));
      const found = suspectLabels(
        scoredOf(items, [
          [0.99, 0.01, 0],
          [0.5, 0.3, 0.2],
          [0, 0.1, 0.9],
        ]),
      );
      expect(found.map(({ label, given }) => [label, given])).toEqual([
        ['Sumer', 0],
        ['Monsoon', 0],
      ]);
      expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1);
    },
  );

  it('names the attribute that was meant', () => {
    expect(() => suspectLabels(scoredOf([], []), { attributes: ['seson'] })).toThrow("Did you mean 'season'?");
  });
});

describe('fillBlanks', () => {
  const items = [{ id: 1, season: 'Fall' }, { id: 2 }, { id: 3, season: null }, { id: 4, season: '' }];
  const scored = scoredOf<{ id: number; season?: string | null }>(items, [
    [0.9, 0.1, 0],
    [0.75, 0.25, 0],
    [0.25, 0.5, 0.25],
    [0.4, 0.3, 0.3],
  ]);

  it('fills and marks the blanks of which the model is confident, and leaves the other items as they are', () => {
    const filled = fillBlanks(scored, ['season']);
    expect(filled.items).toEqual([
      items[0],
      { id: 2, season: 'Summer', predicted: { season: 0.75 } },
      { id: 3, season: 'Winter', predicted: { season: 0.5 } },
      items[3],
    ]);
    expect(filled.items[0]).toBe(items[0]);
    expect(filled.items[3]).toBe(items[3]);
    expect(filled.counts).toEqual([{ attribute: 'season', filled: 2, left: 1 }]);
  });

  it('fills none where none is confident enough', () => {
    expect(fillBlanks(scored, ['season'], { minConfidence: 0.8 }).counts).toEqual([
      { attribute: 'season', filled: 0, left: 3 },
    ]);
  });

  it('names the attribute that was meant', () => {
    expect(() => fillBlanks(scored, ['seson'])).toThrow(
      expect.objectContaining({
        code: 'curation.unknownAttribute',
        message: expect.stringContaining("Did you mean 'season'?"),
      }),
    );
  });
});
