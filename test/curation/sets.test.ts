import { describe, expect, it } from 'vitest';
import { evaluate, fillBlanks, type Scored, suspectLabels } from '../../src/curation/index.js';
import { predictionsText } from '../../src/views/panels/predictions.js';

const labels = ['red', 'round', 'old, worn'];
const items = [
  { id: 1, tags: 'red; round' },
  { id: 2, tags: ['round'] },
  { id: 3, tags: 'old, worn' },
  { id: 4, tags: '' },
];
const rows = [
  [0.9, 0.8, 0.1],
  [0.7, 0.6, 0.2],
  [0.1, 0.2, 0.6],
  [0.9, 0.9, 0.1],
];
const scored: Scored<(typeof items)[number]> = {
  model: { name: 'tags', fingerprint: '', attributes: [{ name: 'tags', labels, multiple: true }] },
  items,
  md5s: items.map(({ id }) => String(id)),
  predictions: items.map(({ id }) => ({
    tags: id === 4 ? { label: 'red, round', confidence: 0.9, labels: [] } : { label: '', confidence: 0.9, labels: [] },
  })),
  scores: { tags: Float32Array.from(rows.flat()) },
  embeddings: new Float32Array(),
  lengths: new Float32Array(),
  dimensions: 0,
  failures: [],
};

describe('labels of which several may hold', () => {
  it('are evaluated one by one, on the images that have the field', () => {
    const figures = evaluate(scored).attributes.map(({ attribute, images, accuracy, confusion }) => ({
      attribute,
      images,
      accuracy,
      confusion,
    }));
    expect(figures).toEqual([
      {
        attribute: 'tags: red',
        images: 3,
        accuracy: 2 / 3,
        confusion: [
          [1, 1],
          [0, 1],
        ],
      },
      {
        attribute: 'tags: round',
        images: 3,
        accuracy: 1,
        confusion: [
          [1, 0],
          [0, 2],
        ],
      },
      {
        attribute: 'tags: old, worn',
        images: 3,
        accuracy: 1,
        confusion: [
          [2, 0],
          [0, 1],
        ],
      },
    ]);
  });

  it('are suspected one by one, and fill a blank together', () => {
    expect(suspectLabels(scored)).toMatchObject([
      { item: { id: 2 }, attribute: 'tags: red', label: 'no', predicted: 'yes' },
    ]);
    const { items: filled, counts } = fillBlanks(scored, ['tags']);
    expect(filled[3]).toMatchObject({ tags: 'red, round', predicted: { tags: 0.9 } });
    expect(counts).toEqual([{ attribute: 'tags', filled: 1, left: 0 }]);
  });

  it('are shown beside the row’s own, in any order', () => {
    const picture = (id: number, tags: unknown, tagsPredicted: string[], tagsConfidence: number[]) => ({
      id,
      data: new Uint8Array(),
      row: { id, imagePath: '', tags, tagsPredicted, tagsConfidence },
    });
    const text = predictionsText([
      picture(1, 'round;red', ['red', 'round'], [0.9, 0.8]),
      picture(2, 'round', [], []),
    ] as unknown as Parameters<typeof predictionsText>[0]);
    expect(text).toBe('  1  tags red, round ✓\n  2  tags (none) ✗ wrong\ntags 1 of 2 right');
  });
});
