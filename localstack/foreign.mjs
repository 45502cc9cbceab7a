// The emulator asks nobody for credentials, and a browser lets any web page send requests to this machine.
import { bareHost, isLoopback } from '../dist/quick.js';

/** @import { IncomingHttpHeaders } from 'node:http' */

/**
 * Why a request is none of a program of this machine; undefined where it may be one. A page says where it comes from,
 * in `Origin` where it writes and in `Sec-Fetch-Site` wherever it asks; a page of another port of this machine is of
 * the same site, and may be as foreign as any. A name that was made to lead here is seen in `Host`.
 *
 * @param {IncomingHttpHeaders} headers
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function foreign({ host, origin, 'sec-fetch-site': site }) {
  if (host !== undefined && !isHere(host))
    return `it was asked as ${host}. Ask it as 127.0.0.1 or localhost, or list the name in ML_PIPELINE_MOCK_HOSTS.`;
  if (origin !== undefined && origin !== `http://${host}`) return `this comes from ${origin}.`;
  if (site !== undefined && !['same-origin', 'none'].includes(String(site))) return 'this comes from a page elsewhere.';
  return undefined;
}

/** @param {string} host A name or address, and perhaps a port. */
function isHere(host) {
  const url = `http://${host}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const listed = (process.env.ML_PIPELINE_MOCK_HOSTS ?? '')
    .split(',')
    .map((name) => bareHost(name.trim().toLowerCase()));
  return isLoopback(hostname) || listed.includes(bareHost(hostname));
}
