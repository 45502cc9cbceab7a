import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { clients, type Aws } from '../src/aws.js';

let ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  ends = [];
});

/** The clients of what listens on this machine. */
async function askers(server: Server | TcpServer): Promise<Aws> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const aws = clients({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } });
  ends.push(async () => {
    aws.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return aws;
}

describe('requests', () => {
  it('keep their connections, those for a head alone too', async () => {
    let connections = 0;
    const answer: RequestListener = (request, response) => request.resume().on('end', () => response.writeHead(200, { etag: '"e"', 'content-length': request.method === 'PUT' ? 0 : 3 }).end(request.method === 'GET' ? 'abc' : ''));
    const { s3 } = await askers(createServer(answer).on('connection', () => connections++));
    for (const Key of 'abcdefghij') {
      await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'abc' }));
      await s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key }));
      expect(await Body?.transformToString()).toBe('abc');
    }
    expect(connections).toBeLessThan(5);
  });

  it('are sent again where the server closes their connection, and say so in the end', async () => {
    let closed = 0;
    const { s3 } = await askers(createTcpServer((socket) => socket.once('data', () => socket.end(() => closed++))));
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'a' }))).rejects.toMatchObject({ code: 'aws.unreachable', message: expect.stringContaining('Nothing answers at http://127.0.0.1') });
    expect(closed).toBe(6);
  });
});
