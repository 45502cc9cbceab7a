import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../src/pipeline/queue/jobs/job-record.js';
import type { Message } from '../../../src/pipeline/queue/message.js';
import { checkOfJob, digestOf } from '../../../src/pipeline/queue/of-job.js';

const recipe = { transforms: [{ name: 'resize', p: 1, width: 8, height: 8 }], seed: 1, variants: 2, quality: 90 };
const steps: JobRecord['steps'] = [
  { task: 'copy', fresh: true },
  { task: 'augment', fresh: true, recipe },
  { task: 'infer', model: { name: 'shipped', fingerprint: '0123456789abcdef' } },
];
const job: JobRecord = {
  id: '20260101000000-abcdef',
  state: 'running',
  query: null,
  where: {},
  folder: 'shoes',
  table: 'products',
  bucket: 'images',
  access: 'scan',
  plan: 'scan',
  readUnits: { consumed: 1, scan: 1 },
  products: 102,
  chunks: 2,
  chunkSize: 100,
  steps,
  formats: [],
  created: '2026-01-01T00:00:00.000Z',
  backends: [],
};
const message: Message = {
  version: 1,
  job: job.id,
  folder: 'shoes',
  table: 'products',
  bucket: 'images',
  chunk: 1,
  ids: [1163, 1164],
  steps,
};

describe('a message of a job', () => {
  const keyed = { ...job, key: '00112233445566778899aabbccddeeff' };
  const own = { ...message, digest: digestOf(keyed, message.chunk, message.ids) };

  it('with a key has a digest of its ids', () => {
    expect(own.digest).toMatch(/^[0-9a-f]{32}$/);
    expect(() => checkOfJob(own, keyed)).not.toThrow();
  });

  it.each<[string, Partial<Message>]>([
    ['as many other ids', { ids: [1163, 9999] }],
    ['the ids of another chunk', { digest: digestOf(keyed, 0, message.ids) }],
    ['a digest made without the key', { digest: digestOf({ key: '' }, message.chunk, message.ids) }],
    ['no digest', { digest: undefined }],
  ])('with a key is refused where it has %s', (_, part) => {
    expect(() => checkOfJob({ ...own, ...part }, keyed)).toThrow(
      expect.objectContaining({ code: 'message.otherJob', message: expect.stringMatching(/its products are not/) }),
    );
  });

  it.each<[string, Partial<Message>]>([
    ['at its first step', {}],
    ['at its last step', { steps: steps.slice(2) }],
    ['that was resumed', { steps: [{ task: 'augment', fresh: false, recipe }, ...steps.slice(2)] }],
  ])('%s is handled', (_, part) => {
    expect(() => checkOfJob({ ...message, ...part }, job)).not.toThrow();
  });

  it.each<[string, Partial<Message>, RegExp]>([
    ['folder', { folder: 'boots' }, /the folder 'boots', the job for 'shoes'/],
    ['table', { table: 'other' }, /the table other/],
    ['bucket', { bucket: 'other' }, /the bucket other/],
    ['chunk', { chunk: 2 }, /its chunk is 2, the job has 2/],
    ['number of products', { ids: [1163] }, /has 1 products, chunk 1 of the job has 2/],
    ['product, twice', { ids: [1163, 1163] }, /has 1 products/],
    ['task', { steps: [{ task: 'infer', model: { name: 'mine', fingerprint: 'f' } }] }, /its steps are .*mine/],
    ['order of steps', { steps: [...steps].reverse() }, /its steps are/],
    [
      'setting',
      { steps: [{ task: 'augment', fresh: true, recipe: { ...recipe, variants: 999 } }, ...steps.slice(2)] },
      /999/,
    ],
  ])('of another %s is refused', (_, part, words) => {
    expect(() => checkOfJob({ ...message, ...part }, job)).toThrow(
      expect.objectContaining({ code: 'message.otherJob', message: expect.stringMatching(words) }),
    );
  });
});
