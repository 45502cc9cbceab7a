import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../localstack/emulator.mjs';
import { clients } from '../../src/aws/clients.js';
import { launch, skippedBrowser } from './chromium.js';

const Bucket = 'static-s3-bucket';

/** What a page can send to an address without asking, and what it learns. */
const attack = `async (endpoint) => {
  const send = (path, options) => fetch(endpoint + path, { method: 'POST', ...options }).then(
    async (answer) => answer.type === 'opaque' ? 'opaque' : answer.status + ' ' + await answer.text(),
    () => 'refused');
  const deletion = '<Delete><Object><Key>a</Key></Object></Delete>';
  const queue = 'Action=CreateQueue&QueueName=evil';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return [
    await send('/${Bucket}?delete', { mode: 'no-cors', body: deletion }),
    await send('/', { mode: 'no-cors', body: queue, headers: form }),
    await send('/', { body: '{}', headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } }),
    await send('/${Bucket}/a', { method: 'GET' }),
    await new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve('shown');
      image.onerror = () => resolve('refused');
      image.src = endpoint + '/${Bucket}/image.svg';
    }),
  ];
}`;

test(`no page of another site or port, and no name made to lead there, reaches the emulator${skippedBrowser}`, {
  skip: skippedBrowser !== '',
}, async () => {
  const emulator = await startEmulator({ port: 0 });
  onTestFinished(() => emulator.close());
  const aws = clients({ env: { AWS_ENDPOINT_URL: emulator.endpoint } });
  onTestFinished(() => aws.close());
  await aws.s3.send(new CreateBucketCommand({ Bucket }));
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'secret', ContentType: 'text/plain' }));
  const image = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'image.svg', Body: image, ContentType: 'image/svg+xml' }));
  const site = http.createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>'),
  );
  await once(site.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void site.close());
  const sitePort = (site.address() as AddressInfo).port;
  const { port } = new URL(emulator.endpoint);
  const browser = await launch(['--host-resolver-rules=MAP evil.example 127.0.0.1']);
  onTestFinished(() => browser.close());
  const page = await browser.newPage();

  for (const from of [`http://evil.example:${sitePort}`, `http://127.0.0.1:${sitePort}`]) {
    await page.goto(from);
    expect(await page.evaluate(`(${attack})(${JSON.stringify(emulator.endpoint)})`)).toEqual([
      'opaque',
      'opaque',
      'refused',
      'refused',
      'refused',
    ]);
  }
  // As after its name was made to lead to this machine: the page is then of the emulator's own origin.
  const rebound = await page.goto(`http://evil.example:${port}/${Bucket}/a`);
  expect([rebound?.status(), await rebound?.text()]).toEqual([403, expect.not.stringContaining('secret')]);
  const typed = await page.goto(`${emulator.endpoint}/${Bucket}/a`);
  expect(await typed?.text()).toBe('secret');
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  expect(await Body?.transformToString()).toBe('secret');
});
