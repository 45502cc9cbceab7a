// A catalogue of any size that takes no memory: what is written is thrown away, what is read is made up; a mock answers
// the rest. usage: node stub.mjs UPSTREAM PRODUCTS; prints its endpoint.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { imageKey, toItem } from '../../dist/internal.js';
import { forwarder } from './forward.mjs';
import { generated, image } from './generated.mjs';

/**
 * @import { AddressInfo } from 'node:net'
 * @typedef {{ id: { N: string } }} Key
 */

const [upstream = '', amount] = process.argv.slice(2);
const products = Number(amount);
const { forward } = forwarder(upstream);
const page = 1000;
const imagesPrefix = imageKey(1).replace(/[^/]*$/, '');
/** The folder that images were copied to. */
let into = '';
/** @type {Map<string, string[]>} */
const keysBelow = new Map();
/** @param {Buffer} bytes */
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

const server = http.createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const body = await buffer(request);
  const { method, headers } = request;
  const url = new URL(request.url ?? '/', upstream);
  /** @param {object} answer */
  const json = (answer) =>
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  /** @param {string} answer */
  const xml = (answer) => response.writeHead(200, { 'content-type': 'application/xml' }).end(answer);
  const prefix = url.searchParams.get('prefix');
  switch (String(headers['x-amz-target'] ?? '').split('.')[1]) {
    case 'BatchWriteItem':
      return json({ UnprocessedItems: {} });
    case 'Scan':
      return json(scan(JSON.parse(body.toString())));
  }
  if (method === 'HEAD' && /\/images\/./.test(url.pathname))
    return response.writeHead(200, { etag: `"${md5(image)}"` }).end();
  if (prefix !== null)
    return xml(prefix === into || prefix === imagesPrefix ? listing(url.searchParams) : '<ListBucketResult/>');
  if (headers['x-amz-copy-source']) {
    into = `${url.pathname.split('/')[2]}/${imagesPrefix}`;
    return xml(`<CopyObjectResult><ETag>"${md5(image)}"</ETag></CopyObjectResult>`);
  }
  if (method === 'POST' && url.searchParams.has('uploads'))
    return xml('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
  if (method === 'POST' && url.searchParams.has('uploadId'))
    return xml('<CompleteMultipartUploadResult><ETag>"0-1"</ETag></CompleteMultipartUploadResult>');
  if (method === 'PUT' && /^\/[^/]+\/./.test(url.pathname))
    return response.writeHead(200, { etag: `"${md5(body)}"` }).end();
  forward(request, body, response);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const address = /** @type {AddressInfo} */ (server.address());
console.log(`http://127.0.0.1:${address.port}`);

/** A page of a scan. @param {{ Segment?: number, TotalSegments?: number, ExclusiveStartKey?: Key }} request */
function scan({ Segment = 0, TotalSegments = 1, ExclusiveStartKey }) {
  const Items = [];
  let id = ExclusiveStartKey ? Number(ExclusiveStartKey.id.N) + TotalSegments : Segment + 1;
  for (; id <= products && Items.length < page; id += TotalSegments)
    Items.push({ ...toItem(generated(id)), imagePath: { S: `s3://catalogue/${imageKey(id)}` } });
  return {
    Items,
    Count: Items.length,
    ScannedCount: Items.length,
    ...(id <= products && { LastEvaluatedKey: { id: { N: String(id - TotalSegments) } } }),
  };
}

/**
 * The images' keys in S3's order: all of them in the folder of an export, in the catalogue every hundredth is not there
 * yet.
 *
 * @param {string} prefix
 */
const imageKeys = (prefix) => {
  const keys = keysBelow.get(prefix) ?? [];
  if (keys.length > 0) return keys;
  for (let id = 1; id <= products; id++)
    if (prefix === into || id % 100 !== 0) keys.push(`${prefix}${imageKey(id).slice(imagesPrefix.length)}`);
  keysBelow.set(prefix, keys.sort());
  return keys;
};

/** A page of a listing. @param {URLSearchParams} query */
function listing(query) {
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const keys = imageKeys(query.get('prefix') ?? '');
  let [begin, end] = [0, keys.length];
  while (begin < end) {
    const middle = (begin + end) >> 1;
    if ((keys[middle] ?? '') > after) end = middle;
    else begin = middle + 1;
  }
  const listed = keys.slice(begin, begin + page);
  const more = begin + page < keys.length ? `<NextContinuationToken>${listed.at(-1)}</NextContinuationToken>` : '';
  const objects = listed.map((key) => `<Contents><Key>${key}</Key><ETag>"${md5(image)}"</ETag></Contents>`);
  const truncated = `<IsTruncated>${more !== ''}</IsTruncated>`;
  return `<ListBucketResult>${truncated}${more}${objects.join('')}</ListBucketResult>`;
}
