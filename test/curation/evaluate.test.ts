import { describe, expect, it } from 'vitest';
import { evaluate, heldOut } from '../../src/curation/index.js';
import { evaluateAttribute } from '../../src/model/index.js';
import { evaluationBasis } from '../../src/views/index.js';
import { scoredOf } from './scores.js';

const labels = ['Summer', 'Winter', 'Fall'];
const given = ['Summer', 'Summer', 'Winter', undefined, 'Monsoon', 'Fall', null, ''];
const rows = [
  [0.85, 0.1, 0.05],
  [0.25, 0.65, 0.1],
  [0.2, 0.75, 0.05],
  [1, 0, 0],
  [0.95, 0.04, 0.01],
  [0.45, 0.35, 0.2],
  [1, 0, 0],
  [1, 0, 0],
];
const evaluation = evaluateAttribute('season', labels, given, Float32Array.from(rows.flat()));

describe('evaluateAttribute, worked out by hand', () => {
  it('counts the images that have a label, and of those what was found', () => {
    expect(evaluation).toMatchObject({ images: 5, accuracy: 2 / 5, majority: 2 / 5 });
  });

  it('takes a label that the model does not know for missed, among the five likeliest, too', () => {
    expect(evaluation.top5).toBe(4 / 5);
    expect(evaluation.labels).toEqual([...labels, 'Monsoon']);
  });

  it('looks no further than the five likeliest', () => {
    const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const row = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05];
    const top5 = (label: string) => evaluateAttribute('kind', seven, [label], Float32Array.from(row)).top5;
    expect(['a', 'e', 'f'].map(top5)).toEqual([1, 1, 0]);
  });

  it('gives every label the same weight in macro-F1', () => {
    // Summer: 1 hit, 2 given, 3 predicted: 2/5; Winter: 1, 1, 2: 2/3; Fall and Monsoon are never found.
    expect(evaluation.macroF1).toBeCloseTo((2 / 5 + 2 / 3) / 4, 12);
  });

  it('weights how far confidence is from accuracy by the images of its bin', () => {
    // One image a bin, 0.85 right, 0.65 wrong, 0.75 right, 0.95 wrong, 0.45 wrong.
    expect(evaluation.calibrationError).toBeCloseTo((0.15 + 0.65 + 0.25 + 0.95 + 0.45) / 5, 6);
    expect(evaluation.reliability.map(({ images }) => images).reduce((a, b) => a + b)).toBe(5);
  });

  it('lists what was taken for what, the most frequent first and its most confident image first', () => {
    expect(evaluation.confusion).toEqual([
      [1, 1, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    const twice = evaluateAttribute(
      'season',
      labels,
      ['Fall', 'Winter', 'Fall'],
      Float32Array.of(0.5, 0.3, 0.2, 0.9, 0.1, 0, 0.7, 0.2, 0.1),
    );
    expect(twice.confusions).toEqual([
      { given: 'Fall', predicted: 'Summer', images: [2, 0] },
      { given: 'Winter', predicted: 'Summer', images: [1] },
    ]);
  });

  it('is all zeros without labels', () => {
    expect(evaluateAttribute('season', labels, [undefined], Float32Array.of(1, 0, 0))).toMatchObject({
      images: 0,
      accuracy: 0,
      top5: 0,
      macroF1: 0,
      majority: 0,
      calibrationError: 0,
    });
  });
});

describe('evaluate', () => {
  it('reads the labels off the items and leaves out attributes that none has', () => {
    const items = [
      { id: 1, season: 'Summer' },
      { id: 2, season: 'Winter' },
    ];
    expect(
      evaluate(
        scoredOf(items, [
          [0.9, 0.1, 0],
          [0.9, 0.1, 0],
        ]),
      ).attributes,
    ).toMatchObject([{ attribute: 'season', accuracy: 0.5 }]);
    expect(evaluate(scoredOf([{ id: 1 }], [[1, 0, 0]])).attributes).toEqual([]);
  });

  const items = ['Summer', 'Winter', 'Summer', 'Winter'].map((season, id) => ({ id, season }));
  // Right, right, right, wrong.
  const scored = scoredOf(items, [
    [0.9, 0.1, 0],
    [0.1, 0.9, 0],
    [0.8, 0.2, 0],
    [0.7, 0.3, 0],
  ]);

  it('measures on the images that the model was not trained on, and on the others by themselves', () => {
    const evaluation = evaluate({ ...scored, trainedOn: [true, true, false, false] });
    expect(evaluation.items.map(({ id }) => id)).toEqual([2, 3]);
    expect(evaluation.attributes).toMatchObject([{ images: 2, accuracy: 0.5, confusions: [{ images: [1] }] }]);
    expect(evaluation.trainedOn).toMatchObject({ images: 2, attributes: [{ images: 2, accuracy: 1 }] });
    expect(evaluationBasis(evaluation)).toBe(
      'On 2 images that the model was not trained on; 2 that it was trained on are left out (season would be 100.0%).',
    );
  });

  it.each([
    [undefined, 0.75, /does not say which of them it was trained on/],
    [[false, false, false, false], 0.75, /trained on none of them/],
    [[true, true, true, true], 0.75, /trained on all 4 images: on new ones it is not as good/],
  ])('says of what images its figures are, where there is one kind only: %o', (trainedOn, accuracy, basis) => {
    const evaluation = evaluate({ ...scored, trainedOn });
    expect(evaluation.attributes).toMatchObject([{ images: 4, accuracy }]);
    expect(evaluation.items).toHaveLength(4);
    expect(evaluationBasis(evaluation)).toMatch(basis);
  });
});

describe('heldOut', () => {
  const scored = {
    ...scoredOf(
      [{ id: 1 }, { id: 2 }, { id: 3 }],
      [
        [0.9, 0.1, 0],
        [0.2, 0.8, 0],
        [0, 0, 1],
      ],
    ),
    embeddings: Float32Array.of(1, 0, 0, 1, 0.6, 0.8),
  };

  it('has all that belongs to the images that the model was not trained on, and nothing else', () => {
    expect(heldOut({ ...scored, trainedOn: [false, true, false] })).toMatchObject({
      items: [{ id: 1 }, { id: 3 }],
      predictions: [{ season: { label: 'Summer' } }, { season: { label: 'Fall' } }],
      scores: { season: Float32Array.of(0.9, 0.1, 0, 0, 0, 1) },
      embeddings: Float32Array.of(1, 0, 0.6, 0.8),
      trainedOn: [false, false],
    });
  });

  it('says so where the model does not say what it was trained on', () => {
    expect(() => heldOut(scored)).toThrow(expect.objectContaining({ code: 'curation.trainingUnknown' }));
  });
});
