import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../src/aws.js';
import { ensureBucket, getBytes, list, objectWriter } from '../src/bucket.js';
import { testServer, uniqueName } from './server.js';

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
