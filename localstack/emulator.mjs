#!/usr/bin/env node
// DynamoDB, S3 and SQS on one endpoint of this machine, in memory: dynalite and fauxqs behind one server.
//   node localstack/emulator.mjs [--port 4566] [--pid-file FILE]
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApp } from 'fauxqs';
import { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { dynalite } from './dynamodb.mjs';
import { foreign } from './foreign.mjs';
import { Objects, S3Error } from './objects.mjs';

/** @import { AddressInfo } from 'node:net' */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint `http://127.0.0.1:<port>`
 * @property {() => Promise<void>} close Drops what it holds and its open connections.
 */

/**
 * A request as fauxqs has parsed it; the key of an object is called `*`.
 *
 * @typedef {object} ParsedRequest
 * @property {string} method
 * @property {Record<string, string | undefined>} headers
 * @property {{ bucket?: string, '*'?: string }} params
 * @property {Record<string, unknown>} query
 */

const services = { dynamodb: 'running', s3: 'running', sqs: 'running', sns: 'running', sts: 'running' };

/**
 * Starts the emulator on 127.0.0.1, and nowhere else. Port 0 takes any free one.
 *
 * @param {{ port?: number }} [options]
 * @returns {Promise<Emulator>}
 *
 * @example
 * const { endpoint, close } = await startEmulator({ port: 0 });
 */
export async function startEmulator({ port = 4566 } = {}) {
  const database = dynalite({ createTableMs: 20, deleteTableMs: 20, updateTableMs: 250 });
  const [answerDynamo] = database.listeners('request');
  if (answerDynamo === undefined) throw new Error('dynalite has another interface than this module knows');
  const app = await objectsAndQueues();
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const reason = foreign(request.headers);
    if (reason !== undefined) {
      refuse(request, response, `The embedded emulator serves programs of this machine, no web pages: ${reason}`);
    } else if (String(request.headers['x-amz-target']).startsWith('DynamoDB')) {
      answerDynamo.call(database, request, response);
      // Where a client goes away in the middle of a request, dynalite throws, which would end the process.
      request.removeAllListeners('error').on('error', () => {});
    } else if (request.url === '/_localstack/health') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ services, edition: 'embedded', pid: process.pid }));
    } else {
      app.routing(request, response);
    }
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = /** @type {AddressInfo} */ (server.address());
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, app.close()]);
    },
  };
}

/**
 * Refuses a request as its service does.
 *
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 * @param {string} message
 */
function refuse({ headers }, response, message) {
  const body = { __type: 'AccessDeniedException', message };
  if (headers['x-amz-target']) response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' });
  else response.writeHead(403, { 'content-type': 'application/xml' });
  response.end(headers['x-amz-target'] ? JSON.stringify(body) : new S3Error('AccessDenied', message, 403).toXml());
}

async function objectsAndQueues() {
  const objects = new Objects();
  const queues = new SqsStore();
  queues.host = ''; // queue URLs then name the host of the request, not sqs.us-east-1.localhost
  const app = buildApp({ logger: false, stores: { s3Store: objects, sqsStore: queues, snsStore: new SnsStore() } });
  app.addHook('preHandler', (request, reply, done) => {
    const refusal = refusalOf(/** @type {ParsedRequest} */ (request), objects);
    if (!refusal) return done();
    reply.status(refusal.statusCode).header('content-type', 'application/xml').send(refusal.toXml());
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage' && reply.raw.destroyed) {
      const { QueueUrl } = /** @type {{ QueueUrl: string }} */ (request.body);
      takeBack(queues, QueueUrl, String(payload));
    }
    const { params, headers } = /** @type {ParsedRequest} */ (request);
    const type = headers['content-type'];
    // fauxqs gives a copy its source's content type, also where the request replaces it.
    const replaced = reply.statusCode === 200 && headers['x-amz-metadata-directive'] === 'REPLACE';
    if (replaced && params.bucket && params['*'] && type) objects.retype(params.bucket, params['*'], type);
    done();
  });
  await app.ready();
  return app;
}

const subresources = [
  'accelerate',
  'acl',
  'attributes',
  'cors',
  'encryption',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'publicAccessBlock',
  'replication',
  'retention',
  'tagging',
  'versioning',
  'versions',
  'website',
];

/**
 * The error that answers a request to S3 which fauxqs would get wrong.
 *
 * @param {ParsedRequest} request
 * @param {Objects} objects
 */
function refusalOf({ method, headers, params: { bucket, '*': key }, query }, objects) {
  if (bucket === undefined) return undefined;
  // fauxqs takes such a request for a plain one: PutObjectTagging would overwrite the object with its tags.
  const name = subresources.find((name) => name in query);
  if (name) return new S3Error('NotImplemented', `The embedded emulator has no S3 ?${name}.`, 501);
  return method === 'PUT' && key ? unmet(headers, bucket, key, objects) : undefined;
}

/**
 * The preconditions of a put or copy, which fauxqs ignores. Checked in the turn of the event loop that writes: atomic.
 *
 * @param {ParsedRequest['headers']} headers
 * @param {string} bucket
 * @param {string} key
 * @param {Objects} objects
 */
function unmet(headers, bucket, key, objects) {
  const etag = objects.etag(bucket, key);
  if (headers['if-match'] && !etag) return new S3Error('NoSuchKey', 'The specified key does not exist.', 404);
  const [, sourceBucket = '', sourceKey = ''] =
    /^\/?([^/]+)\/(.*)$/s.exec(decoded(headers['x-amz-copy-source'] ?? '')) ?? [];
  const source = objects.etag(sourceBucket, sourceKey);
  /** @param {string} prefix @param {string | undefined} tag */
  const fails = (prefix, tag) =>
    tag !== undefined &&
    (matches(headers[`${prefix}if-none-match`], tag) || matches(headers[`${prefix}if-match`], tag) === false);
  return fails('', etag) || fails('x-amz-copy-source-', source)
    ? new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)
    : undefined;
}

/**
 * fauxqs goes on waiting for a client that has gone, and messages that it then gets would be hidden from the others.
 *
 * @param {SqsStore} queues
 * @param {string} url
 * @param {string} payload
 */
function takeBack(queues, url, payload) {
  const queue = queues.getQueue(url);
  if (!queue) return;
  for (const { ReceiptHandle } of JSON.parse(payload).Messages ?? []) {
    const received = queue.inflightMessages.get(ReceiptHandle);
    if (!received) continue;
    received.message.approximateReceiveCount--;
    queue.changeVisibility(ReceiptHandle, 0);
  }
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // fauxqs refuses it
  }
}

/**
 * Whether an ETag meets a condition; undefined where there is none.
 *
 * @param {string | undefined} condition
 * @param {string} etag
 */
const matches = (condition, etag) =>
  condition && (condition === '*' || condition.replaceAll('"', '') === etag.replaceAll('"', ''));

async function main() {
  const { port, 'pid-file': pidFile } = parseArgs({
    options: { port: { type: 'string', default: '4566' }, 'pid-file': { type: 'string' } },
  }).values;
  const { endpoint, close } = await startEmulator({ port: Number(port) });
  // Whoever holds the port writes the file, so of several started at once only the one that runs does.
  if (pidFile) writeFileSync(pidFile, String(process.pid));
  console.log(`The embedded emulator (DynamoDB, S3, SQS) answers at ${endpoint}, pid ${process.pid}.`);
  process.send?.('ready', () => process.disconnect());
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, async () => {
      if (pidFile) rmSync(pidFile, { force: true });
      await close();
      process.exit(0);
    });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(`error: the embedded emulator cannot start: ${error.message}`);
    process.exit(1);
  });
}
