import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { costOf } from '../../scripts/bench/cost.mjs';
import { chargesOf } from '../../scripts/bench/count.mjs';
import { startProxy } from '../../scripts/bench/proxy.mjs';

describe('what a request is charged for', () => {
  test.each([
    ['PUT', '/bucket/images/1.jpg', 'S3.write'],
    ['GET', '/bucket?list-type=2&prefix=images%2F', 'S3.write'],
    ['POST', '/bucket/key?uploads', 'S3.write'],
    ['GET', '/bucket/images/1.jpg', 'S3.read'],
    ['HEAD', '/bucket/images/1.jpg', 'S3.read'],
    ['DELETE', '/bucket/images/1.jpg', 'free'],
    ['POST', '/bucket?delete', 'free'],
  ])('S3: %s %s is a %s', (method, url, kind) => {
    expect(chargesOf({ method, url })).toEqual({ [kind]: 1 });
  });

  const dynamodb = (target: string, body: object, answer?: object) =>
    chargesOf({ method: 'POST', url: '/', target, body: JSON.stringify(body) }, answer);

  test('DynamoDB: a write unit for an item in the table and in each of three indexes', () => {
    expect(dynamodb('PutItem', {})).toEqual({ writeUnit: 4 });
    expect(dynamodb('BatchWriteItem', { RequestItems: { table: [{}, {}, {}] } })).toEqual({ writeUnit: 12 });
  });

  test('DynamoDB: half a read unit for each 4 KB read, filtered out or not', () => {
    expect(dynamodb('Query', {}, { Count: 0, ScannedCount: 100 })).toEqual({ readUnit: 3.5 });
    expect(dynamodb('Scan', {}, { Count: 1, ScannedCount: 1 })).toEqual({ readUnit: 0.5 });
    expect(dynamodb('DescribeTable', {})).toEqual({});
  });

  test('the list prices: a million writes to S3, reads, write units, read units', () => {
    expect(costOf({ 'S3.write': 1e6 })).toBeCloseTo(5, 10);
    expect(costOf({ 'S3.read': 1e6 })).toBeCloseTo(0.4, 10);
    expect(costOf({ writeUnit: 1e6 })).toBeCloseTo(0.625, 10);
    expect(costOf({ readUnit: 1e6, free: 1e9 })).toBeCloseTo(0.125, 10);
  });
});

describe('the proxy', () => {
  const milliseconds = 250;
  let upstream: http.Server;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  const charges = async () => (await fetch(`${proxy.endpoint}/-/counts`)).json();

  beforeAll(async () => {
    upstream = http.createServer((request, response) => {
      response.writeHead(request.url === '/missing' ? 404 : 200, { 'x-answer': 'upstream' });
      if (request.headers['x-amz-target']) response.end(JSON.stringify({ ScannedCount: 100 }));
      else request.pipe(response);
    });
    await once(upstream.listen(0, '127.0.0.1'), 'listening');
    proxy = await startProxy(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, milliseconds);
  });
  afterAll(() => {
    proxy.close();
    upstream.close();
    upstream.closeAllConnections();
  });
  beforeEach(charges);

  test('passes requests and answers on, later', async () => {
    const started = performance.now();
    const answer = await fetch(`${proxy.endpoint}/bucket/key`, { method: 'PUT', body: 'bytes' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(milliseconds - 1);
    expect([answer.status, answer.headers.get('x-answer'), await answer.text()]).toEqual([200, 'upstream', 'bytes']);
    expect((await fetch(`${proxy.endpoint}/missing`)).status).toBe(404);
  });

  test('delays requests beside each other, not one after the other', async () => {
    const started = performance.now();
    await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${proxy.endpoint}/key`)).text()));
    expect(performance.now() - started).toBeLessThan(20 * milliseconds);
  });

  test('counts what it passed on, and starts at zero when asked', async () => {
    await (await fetch(`${proxy.endpoint}/bucket/key`)).text();
    await (await fetch(`${proxy.endpoint}/bucket/key`)).text();
    await (
      await fetch(proxy.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': 'DynamoDB_20120810.Query' },
        body: '{}',
      })
    ).text();
    expect(await charges()).toEqual({ 'S3.read': 2, readUnit: 3.5 });
    expect(await charges()).toEqual({});
  });
});
