import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetBucketLocationCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clients, sdkClient } from '../../src/aws/clients.js';

/** The requests that a server on this machine has heard, and the client that asks it. */
const heard: {
  method: string | undefined;
  path: string | undefined;
  extra: string | undefined;
  authorization: string | undefined;
}[] = [];
let answer: (path: string | undefined) => Promise<number>;
const server = createServer(async (request, response) => {
  const { method, url: path, headers } = request;
  heard.push({ method, path, extra: headers['x-extra']?.toString(), authorization: headers.authorization });
  request.resume();
  response.writeHead(await answer(path), { etag: '"e"' }).end();
});
let s3: S3Client;

beforeEach(async () => {
  heard.length = 0;
  answer = async () => 200;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  s3 = sdkClient(clients({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } }).s3, S3Client);
});

afterEach(async () => {
  vi.restoreAllMocks();
  s3.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const head = (Bucket: string, Key: string) => new HeadObjectCommand({ Bucket, Key });

describe('a client’s handlers', () => {
  it('are made once for each command, bucket and signal', async () => {
    const made = vi.spyOn(HeadObjectCommand.prototype, 'resolveMiddleware');
    const { signal } = new AbortController();
    for (const options of [undefined, {}, { abortSignal: undefined }]) await s3.send(head('first', 'a'), options);
    expect(made).toHaveBeenCalledTimes(1);
    await Promise.all([s3.send(head('second', 'a')), s3.send(head('second', 'b'))]);
    expect(made).toHaveBeenCalledTimes(2);
    for (const key of ['a', 'b']) await s3.send(head('second', key), { abortSignal: signal });
    expect(made).toHaveBeenCalledTimes(3);
    await s3.send(new PutObjectCommand({ Bucket: 'second', Key: 'a', Body: 'x' }));
    expect(heard.map(({ method, path }) => `${method} ${path?.replace(/\?.*/, '')}`)).toEqual([
      ...Array(3).fill('HEAD /first/a'),
      ...['HEAD /second/a', 'HEAD /second/b', 'HEAD /second/a', 'HEAD /second/b', 'PUT /second/a'],
    ]);
  });

  it('keep apart what is asked for at the same time', async () => {
    const places = Array.from({ length: 60 }, (_, i) => [`bucket-${i % 3}`, `${i}.jpg`] as const);
    await Promise.all(places.map(([bucket, key]) => s3.send(head(bucket, key))));
    expect(heard.map(({ path }) => path).sort()).toEqual(places.map(([bucket, key]) => `/${bucket}/${key}`).sort());
  });

  it('end with their own signal only, before a request, during one and while one waits to try again', async () => {
    const [abort, other] = [new AbortController(), new AbortController()];
    answer = async () => 500;
    await expect(s3.send(head('bucket', 'busy'), { abortSignal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: expect.stringMatching(/AbortError|TimeoutError/),
    });
    const waiting: ((status: number) => void)[] = [];
    // The request that was aborted may be heard of only now.
    answer = (path) => (path === '/bucket/a' ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(500));
    const [aborted, unharmed] = [
      s3.send(head('bucket', 'a'), { abortSignal: abort.signal }),
      s3.send(head('bucket', 'a'), { abortSignal: other.signal }),
    ];
    await vi.waitUntil(() => waiting.length === 2, { timeout: 20_000 });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    for (const respond of waiting) respond(200);
    await expect(unharmed).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
    await expect(s3.send(head('bucket', 'a'), { abortSignal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('have middleware that the client or the command got later', async () => {
    const extra =
      (value: string) =>
      <A extends object, R>(next: (args: A) => Promise<R>) =>
      (args: A): Promise<R> => {
        if ('request' in args) Object.assign((args.request as { headers: object }).headers, { 'x-extra': value });
        return next(args);
      };
    await s3.send(head('bucket', 'a'));
    const own = head('bucket', 'b');
    own.middlewareStack.add(extra('of the command'), { step: 'build' });
    await s3.send(own);
    s3.middlewareStack.add(extra('of the client'), { step: 'build', name: 'extra' });
    await s3.send(head('bucket', 'c'));
    s3.middlewareStack.remove('extra');
    await s3.send(head('bucket', 'd'));
    expect(heard.map(({ extra }) => extra)).toEqual([undefined, 'of the command', 'of the client', undefined]);
  });

  it('are the SDK’s where an answer goes to a callback, or an option is none that they know', async () => {
    const output = await new Promise((resolve, reject) =>
      s3.send(head('bucket', 'a'), (error, found) => (error ? reject(error) : resolve(found))),
    );
    expect(output).toMatchObject({ $metadata: { httpStatusCode: 200 } });
    answer = () => new Promise(() => {});
    await expect(s3.send(head('bucket', 'a'), { requestTimeout: 20 })).rejects.toThrow();
  });

  it('sign for the service', async () => {
    await s3.send(new GetBucketLocationCommand({ Bucket: 'bucket' })).catch(() => {});
    expect(heard[0]?.authorization).toMatch(/us-east-1\/s3\/aws4_request/);
  });
});
