#!/usr/bin/env node
// DynamoDB, S3 and SQS on one endpoint of this machine: dynalite and fauxqs behind one server, in memory or with a
// folder in which they keep what they hold.
//   node localstack/emulator.mjs [--port 4566] [--state FOLDER] [--pid-file FILE]
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApp } from 'fauxqs';
import { messageOf } from '../dist/quick.js';
import { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
import { startDynamo } from './dynamodb.mjs';
import { foreign } from './foreign.mjs';
import { Objects, S3Error } from './objects.mjs';
import { Queues } from './queues.mjs';
import { rangeOf, refusalOf } from './s3-requests.mjs';
import { State } from './state.mjs';

/**
 * @import { AddressInfo } from 'node:net'
 * @import { ParsedRequest } from './s3-requests.mjs'
 */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint `http://127.0.0.1:<port>`
 * @property {() => Promise<void>} close Drops its open connections, and what it holds in memory alone.
 */

const running = { dynamodb: 'running', s3: 'running', sqs: 'running', sns: 'running', sts: 'running' };

/**
 * Starts the emulator on 127.0.0.1, and nowhere else. Port 0 takes any free one.
 *
 * @param {{ port?: number, state?: string | undefined }} [options] `state` is the folder in which it keeps what it
 * holds; by default it keeps nothing.
 * @returns {Promise<Emulator>}
 * @throws {PipelineError} `mock.stateTaken`, `mock.stateVersion`, `mock.stateFolder`
 *
 * @example
 * const { endpoint, close } = await startEmulator({ port: 0 });
 */
export async function startEmulator({ port = 4566, state: folder } = {}) {
  const server = http.createServer({ keepAliveTimeout: 60_000 });
  // Of several that are started at once, the one that gets the port opens the state. Requests wait until it has.
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const opening = open(folder);
  server.on('request', (request, response) => {
    opening.then((services) => answer(services, request, response)).catch(() => response.destroy());
  });
  const { app, dynamo, state } = await opening.catch((error) => {
    server.close();
    throw error;
  });
  const address = /** @type {AddressInfo} */ (server.address());
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, app.close()]);
      await Promise.all([dynamo.close(), state?.close()]);
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof open>>} Services */

/** @param {string | undefined} folder */
async function open(folder) {
  const state = folder === undefined ? undefined : await State.open(folder);
  const [dynamo, others] = await Promise.all([startDynamo(state?.tables), objectsAndQueues(state)]);
  return { state, dynamo, ...others };
}

/**
 * Has a service answer a request.
 *
 * @param {Services} services
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 */
function answer({ state, dynamo, app, objects }, request, response) {
  const reason = foreign(request.headers);
  if (reason !== undefined) {
    refuse(request, response, `The embedded emulator serves programs of this machine, no web pages: ${reason}`);
  } else if (String(request.headers['x-amz-target']).startsWith('DynamoDB')) {
    dynamo.answer(request, response);
  } else if (request.url === '/_localstack/health') {
    response.setHeader('content-type', 'application/json');
    const kept = { state: state?.folder ?? null, ...objects.contents() };
    response.end(JSON.stringify({ services: running, edition: 'embedded', pid: process.pid, ...kept }));
  } else {
    app.routing(request, response);
  }
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

/** Requests to S3 that change nothing. */
const reading = ['GET', 'HEAD'];
/** Requests to SQS that change a queue itself. */
const settings = ['AmazonSQS.SetQueueAttributes', 'AmazonSQS.TagQueue', 'AmazonSQS.UntagQueue'];

/** @param {State | undefined} state */
async function objectsAndQueues(state) {
  const [objects, queues] = [new Objects(state), new Queues(state)];
  await Promise.all([objects.load(), queues.load()]);
  const app = buildApp({ logger: false, stores: { s3Store: objects, sqsStore: queues, snsStore: new SnsStore() } });
  // fauxqs takes 11 MiB, AWS's PutObject and UploadPart 5 GiB.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 5 * 2 ** 30 }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('preHandler', (request, reply, done) => {
    const parsed = /** @type {ParsedRequest} */ (request);
    parsed.headers.range = rangeOf(parsed, objects);
    const refusal = refusalOf(parsed, objects);
    if (!refusal) return done();
    reply.status(refusal.statusCode).header('content-type', 'application/xml').send(refusal.toXml());
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const target = String(request.headers['x-amz-target']);
    const { QueueUrl: url = '' } = /** @type {{ QueueUrl?: string }} */ (request.body ?? {});
    if (target === 'AmazonSQS.ReceiveMessage' && reply.raw.destroyed) queues.takeBack(url, String(payload));
    if (settings.includes(target)) queues.keepSettings(url);
    const { params, headers } = /** @type {ParsedRequest} */ (request);
    const type = headers['content-type'];
    // fauxqs gives a copy its source's content type, also where the request replaces it.
    const replaced = reply.statusCode === 200 && headers['x-amz-metadata-directive'] === 'REPLACE';
    if (replaced && params.bucket && params['*'] && type) objects.retype(params.bucket, params['*'], type);
    if (!state || reading.includes(request.method)) return payload;
    try {
      await state.settled();
      return payload;
    } catch (error) {
      const message = `The embedded emulator cannot write to ${state.folder}: ${messageOf(error)}`;
      console.error(`error: ${message}`);
      reply.status(500);
      return target.startsWith('AmazonSQS')
        ? JSON.stringify({ __type: 'InternalFailure', message })
        : new S3Error('InternalError', message, 500).toXml();
    }
  });
  await app.ready();
  return { app, objects };
}

async function main() {
  const {
    port,
    state,
    'pid-file': pidFile,
  } = parseArgs({
    options: { port: { type: 'string', default: '4566' }, state: { type: 'string' }, 'pid-file': { type: 'string' } },
  }).values;
  const { endpoint, close } = await startEmulator({ port: Number(port), state });
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
