import { describe, expect, it } from 'vitest';
import { decode, encode, type Message, maxBytes } from '../../../src/pipeline/queue/message.js';

const message: Omit<Message, 'version'> = {
  job: '20260101000000-abcdef',
  table: 'products',
  bucket: 'images',
  folder: 'shoes',
  chunk: 3,
  ids: [1163, 1164],
  steps: [
    { task: 'copy', fresh: true },
    {
      task: 'augment',
      fresh: false,
      recipe: { transforms: [{ name: 'resize', p: 1, width: 8, height: 8 }], seed: 1, variants: 2, quality: 90 },
    },
    { task: 'infer', model: { name: 'shipped', fingerprint: '0123456789abcdef' } },
  ],
};

describe('a message', () => {
  it('comes out as it went in, with its version', () => {
    expect(decode(encode(message))).toEqual({ version: 1, ...message });
  });

  it('has another version where its predictions have a name: an earlier handler would leave that out', () => {
    const model = { name: 'mine', fingerprint: '0123456789abcdef' };
    const steps: Message['steps'] = [{ task: 'infer', model, name: 'strict' }];
    expect(decode(encode({ ...message, steps }))).toEqual({ ...message, version: 2, steps });
    for (const name of ['a/b', '../x', 'images', ''])
      expect(() => decode(encode({ ...message, steps: [{ task: 'infer', model, name }] }))).toThrow(
        expect.objectContaining({ code: 'message.malformed', message: expect.stringContaining(`the name '${name}'`) }),
      );
  });

  it.each([
    ['of a hundred products', { ids: Array.from({ length: 100 }, (_, i) => 10_000_000 + i) }],
    ['of one', { ids: [1] }],
    [
      'of a hundred of the longest texts',
      { ids: Array.from({ length: 100 }, (_, i) => `${100 + i}${'😀'.repeat(197)}`) },
    ],
  ])('%s fits', (_, part) => {
    expect(decode(encode({ ...message, ...part }))).toMatchObject(part);
  });

  it('has no character that SQS refuses, whatever the ids have', () => {
    const ids = ['\0', '\ud83d\ude00', '\uffff', 'a\u2028', 'größe', '"\\'];
    expect(encode({ ...message, ids })).toMatch(/^[ -~]+$/);
    expect(decode(encode({ ...message, ids })).ids).toEqual(ids);
  });

  it('that is too large for SQS is not sent', () => {
    const transforms = [{ name: 'x'.repeat(maxBytes) }];
    const steps: Message['steps'] = [
      { task: 'augment', fresh: true, recipe: { transforms, seed: 0, variants: 1, quality: 90 } },
    ];
    expect(() => encode({ ...message, steps })).toThrow(
      expect.objectContaining({ code: 'message.tooLarge', message: expect.stringMatching(/262144.*fewer/) }),
    );
  });

  it.each([
    ['no JSON', 'copy everything'],
    ['JSON of another kind', '[1, 2]'],
    ['one without ids', JSON.stringify({ version: 1, ...message, ids: [] })],
    ['one with more ids than a chunk has', JSON.stringify({ version: 1, ...message, ids: Array(101).fill(1) })],
    ['one without a step', JSON.stringify({ version: 1, ...message, steps: [] })],
    ['one with an unknown step', JSON.stringify({ version: 1, ...message, steps: [{ task: 'delete' }] })],
    ['one whose job is a path', JSON.stringify({ version: 1, ...message, job: '../catalogue' })],
    ...['../x', '/x', 'x/..', 'catalogue', 'images', 'jobs/x', 'shoes/images', 'shoes/augmented', ''].map((folder) => [
      `one for the folder '${folder}'`,
      JSON.stringify({ version: 1, ...message, folder }),
    ]),
  ])('is refused where it is %s', (_, body = '') => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'message.malformed' }));
  });

  it('of another version says so', () => {
    expect(() => decode(JSON.stringify({ ...message, version: 3 }))).toThrow(
      expect.objectContaining({
        code: 'message.otherVersion',
        message: expect.stringMatching(/version 3.*reads 1 and 2/),
      }),
    );
  });
});
