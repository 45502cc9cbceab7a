import { createServer, type RequestListener } from 'node:http';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../../src/aws/clients.js';
import { listen } from '../proxy.js';

/** What the server on this machine does, how many connections it has had, and who asks it. */
let answer: RequestListener;
let connections = 0;
const server = createServer((request, response) => answer(request, response)).on('connection', () => connections++);
let aws: Aws;
let open: Awaited<ReturnType<typeof listen>>;

beforeEach(async () => {
  connections = 0;
  open = await listen(server);
  aws = clients({ env: { AWS_ENDPOINT_URL: open.endpoint } });
});

afterEach(async () => {
  aws.close();
  await open.close();
});

describe('requests', () => {
  it('keep their connections, those for a head alone too', async () => {
    answer = (request, response) =>
      request
        .resume()
        .on('end', () =>
          response
            .writeHead(200, { etag: '"e"', 'content-length': request.method === 'PUT' ? 0 : 3 })
            .end(request.method === 'GET' ? 'abc' : ''),
        );
    for (const Key of 'abcdefghij') {
      await aws.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'abc' }));
      await aws.s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: 'bucket', Key }));
      expect(await Body?.transformToString()).toBe('abc');
    }
    expect(connections).toBeLessThan(5);
  });

  it('are sent again where the server closes their connection, and say so in the end', async () => {
    let closed = 0;
    answer = ({ socket }) => socket.end(() => closed++);
    await expect(aws.s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'a' }))).rejects.toMatchObject({
      code: 'aws.unreachable',
      message: expect.stringContaining('Nothing answers at http://127.0.0.1'),
    });
    expect(closed).toBe(6);
  });

  it('are sent again where all connections break in one moment, however many they are', async () => {
    let broken = 0;
    answer = (request, response) => {
      if (broken < 128) {
        broken++;
        request.socket.resetAndDestroy();
      } else request.resume().on('end', () => response.writeHead(200, { etag: '"e"' }).end());
    };
    const keys = Array.from({ length: 128 }, (_, i) => String(i));
    await Promise.all(keys.map((Key) => aws.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'abc' }))));
    expect(broken).toBe(128);
  });
});
