// The CPU milliseconds that a small request takes its client: what the kit puts, reads and copies, and rows that it
// writes, against a server that answers at once in a process of its own. They hardly depend on how busy the machine is.
// usage: node scripts/bench/small.mjs; with ML_PIPELINE_SDK_ONLY=1 everything goes by the SDK's client.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { clients } from '../../dist/index.js';
import { batchWrite, concurrently, copyObject, getBytes, putBytes, toItem } from '../../dist/internal.js';
import { generated } from './generated.mjs';

const bytes = Buffer.alloc(2000, 'an image');
const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;

if (process.argv[2] === 'serve') {
  const copied = `<?xml version="1.0"?><CopyObjectResult><ETag>${etag}</ETag></CopyObjectResult>`;
  const server = http.createServer((request, response) =>
    request.resume().on('end', () => {
      if (request.method === 'GET') response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
      else if (request.headers['x-amz-copy-source'])
        response.writeHead(200, { 'content-type': 'application/xml', 'content-length': copied.length }).end(copied);
      else if (request.headers['x-amz-target'])
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"UnprocessedItems":{}}');
      else response.writeHead(200, { etag, 'content-length': 0 }).end();
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.send?.(server.address());
} else await measure();

async function measure() {
  const server = fork(import.meta.filename, ['serve']);
  const [{ port }] = await once(server, 'message');
  const aws = clients({ endpoint: `http://127.0.0.1:${port}` });
  const batch = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: toItem(generated(i + 1)) } }));
  const source = { bucket: aws.bucket, key: 'images/1.jpg' };
  /** @type {Record<string, (i: number) => Promise<unknown>>} */
  const requests = {
    put: (i) => putBytes(aws, `images/${i}.jpg`, bytes, { type: 'image/jpeg' }),
    get: (i) => getBytes(aws, `images/${i}.jpg`),
    copy: (i) => copyObject(aws, `folder/images/${i}.jpg`, source),
    '25 rows': () => batchWrite(aws, batch),
  };
  for (const [name, request] of Object.entries(requests)) {
    const some = (/** @type {number} */ times) => concurrently([...Array(times).keys()], request, { concurrency: 64 });
    await some(2000);
    const before = process.cpuUsage();
    await some(5000);
    const { user, system } = process.cpuUsage(before);
    console.log(`${name}: ${((user + system) / 1000 / 5000).toFixed(3)} ms`);
  }
  aws.close();
  server.kill();
}
