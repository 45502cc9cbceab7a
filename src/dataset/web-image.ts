import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from 'undici';
import { isAwsHost } from '../aws/index.js';
import { formatOf, formatsInWords, type ImageFormat, reasonOf } from '../image/index.js';
import { bareHost, messageOf, PipelineError } from '../work/index.js';

/** What bounds the fetching of images that are not in S3. */
const most = { atOnce: 16, bytes: 32 << 20, seconds: 30, redirects: 5, attempts: 3 };

/** The variable that lists hosts whose images may come from a private network, and by http. */
const hostsVariable = 'ML_PIPELINE_IMAGE_HOSTS';

/** Whether the user has listed a host. */
export const isListed = (hostname: string): boolean =>
  (process.env[hostsVariable] ?? '').split(',').some((host) => host.trim().toLowerCase() === bareHost(hostname));

/** Addresses that are this machine's, a private network's, or a cloud's own services', and those kept for no use. */
const closed = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  closed.addSubnet(net, prefix);
/** Of IPv6, all but the global addresses, and those that stand for one of IPv4. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');
const tunnels = new BlockList();
tunnels.addSubnet('2001::', 23, 'ipv6');
tunnels.addSubnet('2002::', 16, 'ipv6');

/** Whether an address is one of the open web. */
export const isPublic = (address: string): boolean =>
  isIP(address) === 4
    ? !closed.check(address)
    : isIP(address) === 6 && open.check(address, 'ipv6') && !tunnels.check(address, 'ipv6');

/** An image that was fetched. */
export interface Fetched {
  bytes: Uint8Array;
  format: ImageFormat;
}

/**
 * Fetches an image from the web: without credentials, 16 at a time, up to 32 MB, for 30 s in all. Redirects are
 * followed to https alone, and never to this machine or a private network, but for hosts that the user lists.
 *
 * @throws PipelineError `image.notFetched` with the reason; `image.unreadable` where it is in no format that is kept.
 */
export function fetchImage(url: string, signal?: AbortSignal): Promise<Fetched> {
  return atOnce(async () => {
    const end = AbortSignal.timeout(most.seconds * 1000);
    const stop = signal ? AbortSignal.any([signal, end]) : end;
    for (let attempt = 1; ; attempt++) {
      try {
        const bytes = await follow(url, stop);
        const format = formatOf(bytes);
        if (format) return { bytes, format };
        const why = bytes.length === 0 ? 'it is empty' : reasonOf(bytes, new Error(`it is none of ${formatsInWords}`));
        throw new PipelineError('image.unreadable', `${url} cannot be exported: ${why}`, { value: url });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof PipelineError) throw error;
        if (end.aborted) throw notFetched(url, `it took more than ${most.seconds} s`, error);
        if (attempt === most.attempts) throw notFetched(url, reasonIn(error), error);
        await sleep(200 * 2 ** attempt * Math.random(), undefined, { signal: stop }).catch(() => {});
      }
    }
  });
}

const notFetched = (url: string, why: string, cause?: unknown): PipelineError =>
  new PipelineError('image.notFetched', `${url} cannot be fetched: ${why}. Look at it in a browser, or leave it out.`, {
    value: url,
    cause,
  });

/** Of an error of undici's, what lies below "fetch failed". */
const reasonIn = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);

async function follow(first: string, signal: AbortSignal): Promise<Uint8Array> {
  const { request } = await import('undici');
  let url = new URL(first);
  for (let redirects = 0; redirects <= most.redirects; redirects++) {
    const host = bareHost(url.hostname);
    const listed = isListed(host);
    if (isAwsHost(host)) throw notFetched(first, `it leads to ${host}, where images are read as s3://<bucket>/<key>`);
    if (url.protocol !== 'https:' && !listed) throw notFetched(first, `it leads to ${url.href}, which is not https`);
    if (isIP(host) !== 0 && !listed && !isPublic(host)) throw notFetched(first, privately(host));
    const { statusCode, headers, body } = await request(url, {
      dispatcher: await (listed ? agents.any() : agents.public()),
      signal,
      headers: { accept: 'image/*', 'user-agent': 'ml-pipeline' },
    }).catch((error: unknown) => {
      const refused = error instanceof Error && 'code' in error && error.code === privateCode;
      throw refused ? notFetched(first, error.message) : error;
    });
    // What is not read to its end is of no interest, nor what becomes of it.
    body.on('error', () => {});
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string' && URL.canParse(location, url.href)) {
      body.destroy();
      url = new URL(location, url);
      continue;
    }
    if (statusCode !== 200) {
      body.destroy();
      const why = `the server answers with status ${statusCode}`;
      throw statusCode === 429 || statusCode >= 500 ? new Error(why) : notFetched(first, why);
    }
    return all(first, body);
  }
  throw notFetched(first, `it is redirected more than ${most.redirects} times`);
}

async function all(url: string, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most.bytes) throw notFetched(url, `it has more than ${most.bytes >> 20} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Connections to the open web, and to hosts that the user lists. */
const agents = { public: agentOf(publicLookup), any: agentOf() };

function agentOf(lookup?: LookupFunction): () => Promise<Agent> {
  let agent: Promise<Agent> | undefined;
  const connect = { timeout: 10_000, ...(lookup && { lookup }) };
  return () => (agent ??= import('undici').then(({ Agent }) => new Agent({ connect })));
}

const privateCode = 'ML_PRIVATE_ADDRESS';
const privately = (host: string): string =>
  `${host} is an address of this machine or a private network. If that is meant, list the host in ${hostsVariable}`;

/** Looks a name up as it connects, so that it cannot have another address than the one that was checked. */
function publicLookup(...[host, options, done]: Parameters<LookupFunction>): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) return done(error ?? new Error(`${host} has no address`), '');
    if (!addresses.every(({ address }) => isPublic(address)))
      return done(Object.assign(new Error(privately(host)), { code: privateCode }), '');
    return options.all ? done(null, addresses) : done(null, first.address, first.family);
  });
}

let running = 0;
const waiting: (() => void)[] = [];

/** Does some work when fewer than the most are under way. */
async function atOnce<T>(work: () => Promise<T>): Promise<T> {
  if (running >= most.atOnce) await new Promise<void>((begin) => waiting.push(begin));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
