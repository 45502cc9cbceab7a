// The short road: of the CPU time that a small request takes, the SDK's middleware is four fifths.
import { crc32 } from 'node:zlib';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { CutOffAnswer, checkCrc } from './answers.js';
import { isForeignPage } from './failed.js';
import { getOrMake } from './get-or-make.js';
import type { Handler, SignedRequest, WholeAnswer } from './http.js';

/** A client of the SDK, as far as the road takes what the client knows: endpoint rules, credentials, connections. */
interface Client {
  readonly config: Config;
  readonly middlewareStack: { add(middleware: Middleware, options: object): void };
}

type Config = Parameters<typeof getEndpointFromInstructions>[2] & {
  signer(
    scheme?: object,
  ): Promise<{ sign(request: SignedRequest, options: object): Promise<Pick<SignedRequest, 'headers'>> }>;
  requestHandler: object;
  requestChecksumCalculation?(): Promise<string>;
  responseChecksumValidation?(): Promise<string>;
};

type Middleware = <A, R>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>;

/** A request, as far as it does not depend on the client. */
export interface PlainRequest<I extends object> {
  /** What the SDK's command would get. */
  input: I;
  /** The bucket or table, on which the endpoint depends. */
  place: string;
  method: 'GET' | 'PUT' | 'POST';
  /** The key of an object. */
  key?: string;
  query?: Record<string, string>;
  headers: Record<string, string | undefined>;
  body?: Uint8Array | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Whether an answer with a status below 300 is what was asked for.
   *
   * @throws CutOffAnswer where it is, and has not arrived whole.
   */
  isRight(answer: WholeAnswer): boolean;
}

/** What came of a request: a plain success, or the input of the command to send by the SDK's client. */
export type Outcome<I> = { answer: WholeAnswer; input?: undefined } | { answer?: undefined; input: I };

type Road = <I extends object>(request: PlainRequest<I>) => Promise<Outcome<I>>;

const roads = new WeakMap<object, Road>();
/** Where an input of a command keeps what came of its first attempt. */
const first = Symbol('first attempt');

/** What is larger gains nothing: bytes cost the same on any road. */
const mostBytes = 1 << 20;

/**
 * Sends a request once, signed as the SDK signs, without the SDK's middleware. Only a plain success is an answer. All
 * else is a matter of the SDK: its client, given the input that is returned, deals with what was answered as with the
 * answer to its own first attempt, so it names errors, waits, sends again, and no request is sent once more for it.
 */
export const sendPlainly = async <I extends object>(client: object, request: PlainRequest<I>): Promise<Outcome<I>> => {
  const road = (request.body?.length ?? 0) <= mostBytes ? roads.get(client) : undefined;
  return road ? road(request) : { input: request.input };
};

/** Has all requests of a client go by the SDK from now on. */
export const closeRoad = (client: object): void => void roads.delete(client);

/**
 * Opens the short road to the service of a client.
 *
 * @param command Any command of it, for the rules of its endpoints.
 */
export function openRoad(client: Client, command: Parameters<typeof getEndpointFromInstructions>[1]): void {
  const { config, middlewareStack } = client;
  const handler = config.requestHandler;
  if (!isHandler(handler)) return;
  const places = new Map<string, Promise<Place>>();
  /** By how many milliseconds this machine's clock is behind. */
  let behind = 0;
  middlewareStack.add(startsWithFirst, { step: 'deserialize', name: 'firstAttempt', priority: 'low' });
  roads.set(client, async ({ input, place: name, signal, isRight, ...request }) => {
    let signed: SignedRequest;
    try {
      const place = await getOrMake(places, name, () => placeOf(config, command, input));
      signed = await sign(place, request, new Date(Date.now() + behind));
    } catch {
      places.delete(name);
      return { input };
    }
    const attempt = send(handler, signed, { signal, isRight });
    try {
      const { response, right } = await attempt;
      if (right) return { answer: response };
      const there = Date.parse(response.headers.date ?? '');
      if (Math.abs(there - Date.now() - behind) > 240_000) behind = there - Date.now();
    } catch {
      // The SDK's client meets the same error.
    }
    return { input: { ...input, [first]: { attempt } } };
  });
}

const isHandler = (handler: object): handler is Handler => 'send' in handler;

/** Middleware around the sending of a request: the first attempt may be there already. */
const startsWithFirst: Middleware = (next) => (args) => {
  const { input } = args as { input: { [first]?: { attempt?: ReturnType<typeof next> } } };
  const attempt = input[first]?.attempt;
  if (attempt === undefined) return next(args);
  delete input[first]?.attempt;
  return attempt;
};

/** Where requests for a bucket or table go, and who signs them. */
interface Place {
  url: URL;
  headers: Record<string, string>;
  scheme: { signingRegion?: string; signingName?: string };
  signer: Awaited<ReturnType<Config['signer']>>;
  /** Whether the SDK sends checksums, and asks for them. */
  sums: boolean;
  asks: boolean;
}

async function placeOf(config: Config, command: Parameters<typeof openRoad>[1], input: object): Promise<Place> {
  const { url, headers = {}, properties } = await getEndpointFromInstructions(input, command, config);
  const [scheme] = (properties?.authSchemes ?? [undefined]) as [({ name: string } & Place['scheme']) | undefined];
  // Access points of several regions and directory buckets are signed in other ways.
  if (scheme !== undefined && scheme.name !== 'sigv4') throw new Error(`No short road signs by ${scheme.name}`);
  return {
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(', ')])),
    scheme: scheme ?? {},
    signer: await config.signer(scheme),
    sums: (await config.requestChecksumCalculation?.()) === 'WHEN_SUPPORTED',
    asks: (await config.responseChecksumValidation?.()) === 'WHEN_SUPPORTED',
  };
}

type Unsigned = Pick<PlainRequest<object>, 'method' | 'key' | 'query' | 'headers' | 'body'>;

async function sign(
  { url, headers, scheme, signer, sums, asks }: Place,
  { method, key, query = {}, headers: own, body }: Unsigned,
  signingDate: Date,
): Promise<SignedRequest> {
  const { protocol, hostname, port, host, pathname } = url;
  const path = key === undefined ? pathname : `${pathname.replace(/\/$/, '')}/${encodedKey(key)}`;
  const all: Record<string, string> = { ...headers, host, 'user-agent': 'ml-pipeline' };
  for (const [name, value] of Object.entries(own)) if (value !== undefined) all[name] = value;
  if (asks && method === 'GET') all['x-amz-checksum-mode'] = 'ENABLED';
  if (sums && body) Object.assign(all, { 'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-checksum-crc32': crc(body) });
  const request = {
    method,
    protocol,
    hostname,
    port: port === '' ? undefined : Number(port),
    path,
    query,
    headers: all,
    body,
  };
  const { signingRegion, signingName: signingService } = scheme;
  return { ...request, headers: (await signer.sign(request, { signingDate, signingRegion, signingService })).headers };
}

/** A key as it stands in a URL: `encodeURIComponent` leaves some characters that AWS's signatures encode. */
export const encodedKey = (key: string): string =>
  encodeURIComponent(key).replace(/%2F|[!'()*]/g, (found) =>
    found === '%2F' ? '/' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The CRC-32 of some bytes, as S3 writes it. */
export function crc(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

/** @throws CutOffAnswer where the answer is not whole. */
async function send(
  handler: Handler,
  signed: SignedRequest,
  { signal, isRight }: Pick<PlainRequest<object>, 'signal' | 'isRight'>,
): Promise<{ response: WholeAnswer; right: boolean }> {
  const response = await handler.send(signed, signal);
  const { statusCode, headers, body } = response;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== body.length)
    throw new CutOffAnswer(`${body.length} bytes of ${length}`);
  checkCrc(headers, body);
  return { response, right: statusCode < 300 && !isForeignPage(headers) && isRight(response) };
}
