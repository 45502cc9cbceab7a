import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureBucket, objectWriter } from '../../src/aws/bucket.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list, readEtags } from '../../src/aws/listing.js';
import { putBytes } from '../../src/aws/put-object.js';
import { concurrently } from '../../src/work/concurrently.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
let aws: Aws;
beforeAll(async () => {
  aws = clients({ env: { ...server.env, ML_PIPELINE_BUCKET: uniqueName('bucket') } });
  await ensureBucket(aws);
});
afterAll(async () => {
  aws.close();
  await server.close();
});

describe('a listing', () => {
  const folder = 'listed/images/';
  const names = [
    ...Array.from({ length: 4321 }, (_, i) => `${(i * 7919) % 100_000}.jpg`),
    '2',
    '9',
    '-1.jpg',
    'ä.jpg',
    'z/1.jpg',
  ];
  const keys = new Set(names.map((name) => folder + name));
  beforeAll(async () => {
    await concurrently([...keys, 'listed/images.txt'], (key) => putBytes(aws, key, 'x', { type: 'text/plain' }), {
      concurrency: 64,
    });
  });

  it('of several pages has each object once, whatever its name begins with', async () => {
    const found = [];
    for await (const object of list(aws, folder)) found.push(object);
    expect(found.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(new Set(found.map(({ etag }) => etag))).toEqual(new Set(['9dd4e461268c8034f5c8564e155c67a6']));
  });

  it('of several pages of names without digits has each object once', async () => {
    const keys = Array.from({ length: 2345 }, (_, i) => `lettered/part-${i}.json`);
    await concurrently(keys, (key) => putBytes(aws, key, 'x', { type: 'text/plain' }), { concurrency: 64 });
    const found = [];
    for await (const { key } of list(aws, 'lettered/')) found.push(key);
    expect(found.sort()).toEqual(keys.sort());
  });

  it('that is aborted says so', async () => {
    const controller = new AbortController();
    const listing = async () => {
      for await (const _ of list(aws, folder, controller.signal)) controller.abort();
    };
    await expect(listing()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('asks for no more once its reader has left, and gives Node nothing to warn of', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    let asked = 0;
    const send = async ({ input }: ListObjectsV2Command) => {
      asked++;
      await turn();
      const key = `${input.ContinuationToken ?? input.StartAfter ?? input.Prefix}0`;
      return { Contents: [{ Key: key, ETag: '"1"' }], NextContinuationToken: key };
    };
    let found = 0;
    for await (const _ of list({ s3: { send } as unknown as Aws['s3'], bucket: 'endless' }, 'x/'))
      if (++found === 2) break;
    await turn();
    await turn();
    const then = asked;
    for (let turns = 0; turns < 100; turns++) await turn();
    expect(asked).toBe(then);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('ETags of objects', () => {
  const etag = (key: string) => createHash('md5').update(key).digest('hex');
  const keys = [
    ...Array.from({ length: 2500 }, (_, i) => `tagged/images/${1000 + i}.jpg`),
    ...Array.from({ length: 40 }, (_, i) => `tagged/other/${i}.jpg`),
  ];
  beforeAll(async () => {
    await concurrently(keys, (key) => putBytes(aws, key, key, { type: 'text/plain' }), { concurrency: 64 });
  });

  const far = keys.filter((_, i) => i % 100 === 7);
  const gone = Array.from({ length: 200 }, (_, i) => `tagged/images/${5000 + i}.jpg`);
  it.each<[string, string[], string[], number]>([
    ['all of a folder come from its pages', keys, [], 10],
    ['a stretch comes from one page', keys.slice(300, 400), [], 1],
    ['some of several folders, and some that are not there', [...keys.slice(2450), ...gone.slice(0, 20)], gone, 6],
    ['a few are asked for one by one', far, [], far.length],
    ['those far from each other are asked for one by one after one page', keys.filter((_, i) => i % 50 === 7), [], 52],
    ['none of a folder that is not there', gone.map((key) => `nowhere/${key}`), gone.map((key) => `nowhere/${key}`), 1],
    ['none at all', [], [], 0],
  ])('%s', async (_, wanted, absent, most) => {
    const send = vi.spyOn(aws.s3, 'send');
    const found = await readEtags(aws, [...wanted].reverse());
    expect(found).toEqual(
      new Map(
        wanted
          .filter((key) => !absent.includes(key))
          .sort()
          .map((key) => [key, etag(key)]),
      ),
    );
    expect(send.mock.calls.length).toBeLessThanOrEqual(most);
    send.mockRestore();
  });

  it('that come from requests that are aborted say so', async () => {
    await expect(readEtags(aws, keys, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a text that is written bit by bit', () => {
  it.each([
    ['nothing', 0],
    ['one request', 1000],
    ['several parts', 300_000],
  ])('of %s arrives whole, in its order', async (name, lines) => {
    const key = `texts/${name}.txt`;
    const line = (i: number) => `${i} ${'é'.repeat(30)}\n`;
    const writer = objectWriter(aws, key, 'text/plain');
    for (let i = 0; i < lines; i++) await writer.write(line(i));
    await writer.end();
    const text = Buffer.from(await getBytes(aws, key)).toString();
    expect(text.length).toBe(Array.from({ length: lines }, (_, i) => line(i).length).reduce((a, b) => a + b, 0));
    expect(text.split('\n').findIndex((found, i) => i < lines && `${found}\n` !== line(i))).toBe(-1);
  });

  it.each([10, 300_000])('that is broken off after %i lines leaves nothing', async (lines) => {
    const writer = objectWriter(aws, 'broken/off.txt', 'text/plain');
    for (let i = 0; i < lines; i++) await writer.write(`${i} ${'x'.repeat(60)}\n`);
    await writer.abort();
    const keys = [];
    for await (const { key } of list(aws, 'broken/')) keys.push(key);
    expect(keys).toEqual([]);
  });

  it('into a bucket that is not there fails, and does not wait for ever', async () => {
    const writer = objectWriter({ s3: aws.s3, bucket: uniqueName('nowhere') }, 'x', 'text/plain');
    const writing = async () => {
      for (let i = 0; i < 300_000; i++) await writer.write(`${i} ${'x'.repeat(60)}\n`);
      await writer.end();
    };
    await expect(writing()).rejects.toMatchObject({ code: 'aws.bucketMissing' });
  });
});
