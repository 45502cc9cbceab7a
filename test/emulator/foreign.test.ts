import http from 'node:http';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../localstack/emulator.mjs';
import { type Aws, clients } from '../../src/aws/clients.js';

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let aws: Aws;
const Bucket = 'static-s3-bucket';

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 });
  aws = clients({ env: { AWS_ENDPOINT_URL: emulator.endpoint } });
  await aws.s3.send(new CreateBucketCommand({ Bucket }));
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }));
});
afterAll(async () => {
  aws.close();
  await emulator.close();
});

const port = () => new URL(emulator.endpoint).port;

/** Asks the emulator with headers that fetch would not send. */
async function ask(headers: Record<string, string>, method = 'GET', path = `/${Bucket}/a`) {
  const request = http.request(emulator.endpoint, { method, path, headers });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) =>
    request.once('response', resolve).once('error', reject),
  );
  request.end();
  const response = await answered;
  return { status: response.statusCode, body: await text(response) };
}

describe('the emulator refuses', () => {
  it.each<[string, () => Record<string, string>]>([
    ['a page of another site', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })],
    ['a page that hides where it comes from', () => ({ origin: 'null' })],
    ['a page of another port', () => ({ origin: 'http://127.0.0.1:8888', 'sec-fetch-site': 'same-site' })],
    ['an image in a page of another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['an image in a page of another port', () => ({ 'sec-fetch-site': 'same-site' })],
    ['a name that was made to lead here', () => ({ host: `evil.example:${port()}` })],
    ['a page that was loaded by such a name', () => ({ host: 'evil.example', origin: 'http://evil.example' })],
    ['a name that looks like this machine', () => ({ host: `localhost.evil.example:${port()}` })],
    ['an address of a network', () => ({ host: `10.9.9.9:${port()}` })],
  ])('%s, whatever it asks for', async (_, headers) => {
    for (const [method, path] of [
      ['GET', `/${Bucket}/a`],
      ['POST', `/${Bucket}?delete`],
      ['PUT', `/${Bucket}/a`],
      ['OPTIONS', '/'],
      ['GET', '/_localstack/health'],
      ['POST', '/'],
    ] as const)
      expect(await ask(headers(), method, path)).toMatchObject({
        status: 403,
        body: expect.stringContaining('serves programs of this machine, no web pages'),
      });
    const target = { ...headers(), 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    expect((await ask(target, 'POST', '/')).body).toContain('AccessDeniedException');
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    expect(await Body?.transformToString()).toBe('a');
  });
});

describe('the emulator serves', () => {
  it.each<[string, () => Record<string, string>]>([
    ['a program', () => ({})],
    ['a program that asks by name', () => ({ host: `localhost:${port()}` })],
    ['an address typed into a browser', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })],
    [
      'a page of its own',
      () => ({ host: `localhost:${port()}`, origin: `http://localhost:${port()}`, 'sec-fetch-site': 'same-origin' }),
    ],
  ])('%s', async (_, headers) => {
    expect(await ask(headers())).toEqual({ status: 200, body: 'a' });
  });

  it('a bucket that is part of the name', async () => {
    const host = `${Bucket}.localhost:${port()}`;
    expect(await ask({ host }, 'GET', '/a')).toEqual({ status: 200, body: 'a' });
  });
});
