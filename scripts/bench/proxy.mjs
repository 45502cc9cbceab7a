// A proxy before a mock of AWS that answers each request so many milliseconds later, as AWS does, and counts what it
// would be charged for.
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { chargesOf } from './count.mjs';
import { forwarder } from './forward.mjs';

/** @import { AddressInfo } from 'node:net' */

/**
 * Starts it on a free port of 127.0.0.1. GET /-/counts returns the charges so far, and starts counting again.
 *
 * @param {string} upstream
 * @param {number} milliseconds
 * @returns {Promise<{ endpoint: string, close: () => void }>}
 */
export async function startProxy(upstream, milliseconds) {
  const { forward, close } = forwarder(upstream);
  /** @type {Record<string, number>} */
  let counts = {};

  const server = http.createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const { method = '', url = '', headers } = request;
    if (url === '/-/counts') {
      response.end(JSON.stringify(counts));
      counts = {};
      return;
    }
    // A client that goes away in the middle takes only its own request with it.
    const body = await buffer(request).catch(() => {});
    if (body === undefined) return;
    const [, target] = String(headers['x-amz-target'] ?? '').split('.');
    /** @param {http.IncomingMessage} answer */
    const onAnswer = (answer) => {
      /** @type {Buffer[]} */
      const chunks = [];
      if (target) answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const isRead = target && (answer.statusCode ?? 500) < 300;
        count(chargesOf({ method, url, target, body }, isRead ? JSON.parse(Buffer.concat(chunks).toString()) : {}));
      });
    };
    setTimeout(() => forward(request, body, response, onAnswer), milliseconds);
  });

  /** @param {Record<string, number>} charges */
  function count(charges) {
    for (const [name, amount] of Object.entries(charges)) counts[name] = (counts[name] ?? 0) + amount;
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = /** @type {AddressInfo} */ (server.address());
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
      close();
    },
  };
}
