import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchWrite } from '../../src/aws/batch-write.js';
import { ensureBucket } from '../../src/aws/bucket.js';
import { type Aws, clients, sdkClient } from '../../src/aws/clients.js';
import { copyObject } from '../../src/aws/copy-object.js';
import { getBytes, getObject } from '../../src/aws/get-object.js';
import type { SignedRequest } from '../../src/aws/http.js';
import { putBytes, putIfUnchanged } from '../../src/aws/put-object.js';
import { concurrently } from '../../src/work/concurrently.js';
import { type FaultKind, faultyProxy } from '../faults.js';
import { listen, type Rewrite, startProxy } from '../proxy.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => server.close());

/** Clients of an endpoint. */
function clientsOf(endpoint: string, env: Record<string, string> = {}): Aws {
  const aws = clients({ env: { ...server.env, ...env, AWS_ENDPOINT_URL: endpoint } });
  ends.push(() => aws.close());
  return aws;
}

const names = ['plain.jpg', 'a b.jpg', 'a+b.jpg', 'ü/ä%20.jpg', "it's (1)*!~.jpg", 'a//b', '💡=&?#.jpg'];
const type = 'image/jpeg';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Some kilobytes that differ from number to number. */
const bytesOf = (i: number): Buffer => Buffer.from(`${i} `.repeat(300 + 7 * i));

/** A bucket of its own on the server, and clients whose requests go through a proxy before it. */
async function behind(proxy: { endpoint: string; close(): Promise<void> }): Promise<Aws> {
  ends.push(() => proxy.close());
  const ML_PIPELINE_BUCKET = uniqueName('road');
  await ensureBucket(clientsOf(server.endpoint, { ML_PIPELINE_BUCKET }));
  return clientsOf(proxy.endpoint, { ML_PIPELINE_BUCKET });
}

/** Puts, copies and reads objects; returns the SHA-256 of what was read, and what it should be. */
async function through(aws: Aws, objects: number): Promise<{ are: string[]; should: string[] }> {
  const all = [...Array(objects).keys()];
  const key = (i: number) => `${i} ${names[i % names.length]}`;
  const options = { concurrency: 32 };
  await concurrently(all, (i) => putBytes(aws, key(i), bytesOf(i), { type }), options);
  await concurrently(all, (i) => copyObject(aws, `copies/${i}`, { bucket: aws.bucket, key: key(i) }), options);
  const read = await concurrently(
    all,
    async (i) => [await getBytes(aws, key(i)), await getBytes(aws, `copies/${i}`)],
    options,
  );
  return {
    are: read.flat().map(sha256),
    should: all.flatMap((i) => [sha256(bytesOf(i)), sha256(bytesOf(i))]),
  };
}

describe('the short road', () => {
  it('takes each request of an undisturbed server, whatever the keys are', async () => {
    const aws = await behind(await startProxy(server.endpoint, () => false));
    const sent = vi.spyOn(aws.s3, 'send');
    const { are, should } = await through(aws, names.length);
    expect(are).toEqual(should);
    const [key = ''] = names;
    await putBytes(aws, key, 'text', { type: 'text/plain', metadata: { origin: 'drawn' } });
    const { bytes, head, etag, modified } = await getObject(aws, key, { range: 'bytes=1-2' });
    expect(Buffer.from(bytes).toString()).toBe('ex');
    expect(head).toMatchObject({
      ContentLength: 4,
      ETag: etag,
      Metadata: { origin: 'drawn', md5: expect.any(String) },
    });
    expect(Math.abs(modified - Date.now())).toBeLessThan(60_000);
    expect(await copyObject(aws, 'copy', { bucket: aws.bucket, key })).toBe(etag.replaceAll('"', ''));
    expect(sent).not.toHaveBeenCalled();
  });

  const kinds: FaultKind[] = ['error', 'throttle', 'reset', 'slow', 'cut', 'unheard'];
  it.each([0.01, 0.1])('ends as without faults where %d of all requests meet each kind of them', async (rate) => {
    const rates = Object.fromEntries(kinds.map((kind) => [kind, rate / 2]));
    const proxy = await faultyProxy(server.endpoint, { rates, seed: 3, slow: 100 });
    const { are, should } = await through(await behind(proxy), 120);
    expect(are).toEqual(should);
    expect(proxy.injected().faults).toBeGreaterThan(rate * 400);
  });

  it.each<[string, Rewrite]>([
    ['has other bytes', (_, __, body) => Buffer.concat([body.subarray(0, -1), Buffer.of(0)])],
    ['ends early', (_, __, body) => body.subarray(0, -5)],
    ['is empty', () => ''],
    [
      'does not fit its checksum',
      (_, headers, body) => {
        headers['x-amz-checksum-crc32'] = 'AAAAAA==';
        return body;
      },
    ],
  ])('reads again where an answer %s', async (_, spoil) => {
    const seen = new Set<string | undefined>();
    const isFirst = (url: string | undefined) => seen.size < seen.add(url).size;
    const aws = await behind(
      await startProxy(
        server.endpoint,
        () => false,
        (request, headers, body) =>
          request.method === 'GET' && isFirst(request.url) ? spoil(request, headers, body) : body,
      ),
    );
    const { are, should } = await through(aws, 20);
    expect(are).toEqual(should);
  });

  it('gives up an answer that never comes, or stops on its way, after its time, and sends again', async () => {
    const asked = new Map<string, number>();
    const ways = ['/nothing', '/head', '/half'];
    const hanging = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://hanging');
      const times = (asked.get(pathname) ?? 0) + 1;
      asked.set(pathname, times);
      await buffer(request);
      const hangs = times === 1 ? ways.find((way) => pathname.endsWith(way)) : undefined;
      if (hangs === '/nothing') return;
      response.writeHead(200, { etag: '"e"', 'content-length': request.method === 'GET' ? 4 : 0 });
      if (hangs === '/head') return response.flushHeaders();
      if (hangs === '/half') return void response.write('by');
      response.end(request.method === 'GET' ? 'byte' : '');
    });
    const open = await listen(hanging);
    ends.push(() => open.close());
    const aws = clientsOf(open.endpoint);
    const read = ['nothing', 'head', 'half'].map(async (key) => Buffer.from(await getBytes(aws, key)).toString());
    await putBytes(aws, 'put/nothing', 'text', { type });
    expect(await Promise.all(read)).toEqual(['byte', 'byte', 'byte']);
    expect([...asked.values()]).toEqual([2, 2, 2, 2]);
  }, 60_000);

  it('takes what comes twice for the object where its ETag only looks like an MD5', async () => {
    const aws = await behind(
      await startProxy(
        server.endpoint,
        () => false,
        (_, headers, body) => {
          if (headers.etag) headers.etag = `"${'0'.repeat(32)}"`;
          for (const name of Object.keys(headers)) if (/x-amz-(meta|checksum)/.test(name)) delete headers[name];
          return body;
        },
      ),
    );
    await putBytes(aws, 'a', 'text', { type });
    expect(Buffer.from(await getBytes(aws, 'a')).toString()).toBe('text');
  });
});

describe('requests of the short road', () => {
  /** What a server on this machine heard, and what it answers. */
  let heard: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  let answer: RequestListener;
  let endpoint: string;
  const xml = { 'content-type': 'application/xml', 'x-amz-request-id': '1' };
  const copied = '<?xml version="1.0"?>\n<CopyObjectResult><ETag>&quot;1&quot;</ETag></CopyObjectResult>';
  const usual: RequestListener = ({ method, headers }, response) =>
    headers['x-amz-copy-source']
      ? response.writeHead(200, xml).end(copied)
      : response.writeHead(200, { etag: '"e"' }).end(method === 'GET' ? 'abc' : '');

  beforeEach(async () => {
    heard = [];
    answer = usual;
    const open = await listen(
      createServer(async (request, response) => {
        const { method, url, headers } = request;
        heard.push({ method, url, headers, body: (await buffer(request)).toString() });
        answer(request, response);
      }),
    );
    ends.push(() => open.close());
    endpoint = open.endpoint;
  });

  const everything = async (aws: Aws) => {
    for (const name of names) {
      await putBytes(aws, name, `bytes of ${name}`, { type, metadata: { applied: '[{"x":  1}]' } });
      await putBytes(aws, name, Buffer.alloc(0), { type });
      await putIfUnchanged(aws, name, '{}', undefined);
      await putIfUnchanged(aws, name, '{}', '"e"');
      await getObject(aws, name);
      await getObject(aws, name, { range: 'bytes=0-2' });
      await copyObject(aws, name, { bucket: 'other', key: name });
      const replace = { type, metadata: { md5: '1-2' } };
      await copyObject(aws, name, { bucket: 'other', key: name }, { ifMatch: '"1"', replace });
    }
  };

  it.each<Record<string, string>>([
    {},
    { AWS_SESSION_TOKEN: 'token' },
    { AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED', AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED' },
  ])('are those that the SDK sends, with %o', async (env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    ends.push(() => vi.unstubAllEnvs());
    const comparable = () =>
      heard.splice(0).map(({ headers, ...rest }) => {
        const { authorization = '', ...others } = headers;
        const own = Object.entries(others).filter(
          ([name]) => !/^(user-agent|amz-sdk-.*|x-amz-user-agent|x-amz-date|connection|accept.*)$/.test(name),
        );
        const [, scope] = /Credential=([^,]*)/.exec(authorization) ?? [];
        return { ...rest, scope, headers: Object.fromEntries(own) };
      });
    await everything(clientsOf(endpoint, { ...env, ML_PIPELINE_SDK_ONLY: '1' }));
    const bySdk = comparable();
    const aws = clientsOf(endpoint, env);
    const sent = vi.spyOn(aws.s3, 'send');
    await everything(aws);
    expect(sent).not.toHaveBeenCalled();
    expect(comparable()).toEqual(bySdk);
  });

  it('go where the SDK sends them on AWS: by the name of the bucket, where a name of a host can have it', async () => {
    const asked: object[] = [];
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ML_PIPELINE_AWS: '1' };
    for (const sdkOnly of ['1', '']) {
      for (const dualStack of ['', 'true'])
        for (const bucket of ['my-bucket', 'with.dots', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/images']) {
          vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', dualStack);
          for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
          const aws = clients({ env: { ...env, ML_PIPELINE_SDK_ONLY: sdkOnly } });
          const away = async ({ protocol, hostname, port, path }: SignedRequest) => {
            asked.push({ protocol, hostname, port, path });
            throw Object.assign(new Error('No network'), { name: 'NotSent' });
          };
          Object.assign(sdkClient(aws.s3, S3Client).config.requestHandler, { handle: away, send: away });
          await expect(putBytes({ ...aws, bucket }, 'a+b/ü', 'x', { type })).rejects.toThrow('No network');
          aws.close();
        }
    }
    vi.unstubAllEnvs();
    const half = asked.length / 2;
    expect(half).toBe(6);
    expect(asked.slice(half)).toEqual(asked.slice(0, half));
    expect(asked[0]).toEqual({
      protocol: 'https:',
      hostname: 'my-bucket.s3.eu-west-1.amazonaws.com',
      port: undefined,
      path: '/a%2Bb/%C3%BC',
    });
  });

  it('are not sent once more for an error that the SDK names', async () => {
    const refusals: [string, number, Record<string, string>, string][] = [
      ['s3.notFound', 404, xml, '<Error><Code>NoSuchKey</Code><Message>None.</Message></Error>'],
      ['aws.bucketMissing', 404, xml, '<Error><Code>NoSuchBucket</Code><Message>None.</Message></Error>'],
      ['aws.credentials', 400, xml, '<Error><Code>ExpiredToken</Code><Message>Expired.</Message></Error>'],
      ['aws.denied', 403, xml, '<Error><Code>AccessDenied</Code><Message>No.</Message></Error>'],
      [
        'aws.otherRegion',
        301,
        { ...xml, 'x-amz-bucket-region': 'eu-central-1' },
        '<Error><Code>PermanentRedirect</Code><Message>Elsewhere.</Message></Error>',
      ],
      ['aws.notAws', 200, { 'content-type': 'text/html', etag: '"1"' }, '<html>Log in</html>'],
    ];
    const aws = clientsOf(endpoint);
    for (const [code, status, headers, body] of refusals) {
      answer = (_, response) => response.writeHead(status, headers).end(body);
      heard = [];
      await expect(getBytes(aws, 'a')).rejects.toMatchObject({ code });
      expect(heard.length, code).toBe(1);
    }
    answer = (_, response) =>
      response.writeHead(412, xml).end('<Error><Code>PreconditionFailed</Code><Message>No.</Message></Error>');
    heard = [];
    expect(await putIfUnchanged(aws, 'a', '{}', '"1"')).toBe(false);
    expect(heard).toHaveLength(1);
  });

  it('are sent again by the SDK where S3 fails late, answers in part or closes the connection', async () => {
    const aws = clientsOf(endpoint);
    const late = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>Try again.</Message></Error>';
    const source = { bucket: 'other', key: 'a' };
    const first: RequestListener[] = [
      (_, response) => response.writeHead(200, xml).end(late),
      (_, response) => response.writeHead(200, xml).end(copied.slice(0, -10)),
      (_, response) => response.writeHead(200, { ...xml, 'content-length': 500 }).end(copied),
      ({ socket }) => void socket.resetAndDestroy(),
      ({ socket }) => void socket.end(),
    ];
    for (const fails of first) {
      heard = [];
      answer = (request, response) => (heard.length === 1 ? fails : usual)(request, response);
      expect(await copyObject(aws, 'a', source)).toBe('1');
      expect(heard).toHaveLength(2);
    }
  });

  it('for rows are those of the SDK, which sends them again where an answer is not whole or refuses them', async () => {
    const json = { 'content-type': 'application/x-amz-json-1.0' };
    const Item = { id: { N: '1' }, name: { S: 'Größe "L"' }, sale: { BOOL: true }, tags: { L: [{ S: 'a' }] } };
    const rows = [{ PutRequest: { Item } }, { DeleteRequest: { Key: { id: { N: '2' } } } }];
    const left = (aws: Aws) => JSON.stringify({ UnprocessedItems: { [aws.table]: rows.slice(1) } });
    const sdkOnly = clientsOf(endpoint, { ML_PIPELINE_SDK_ONLY: '1' });
    const aws = clientsOf(endpoint);
    answer = (_, response) => response.writeHead(200, json).end(left(aws));
    const sent = vi.spyOn(aws.dynamodb, 'send');
    for (const each of [sdkOnly, aws]) expect(await batchWrite(each, rows)).toEqual(rows.slice(1));
    expect(sent).not.toHaveBeenCalled();
    const [bySdk, plain] = heard.map(({ method, url, headers, body }) => ({
      ...{ method, url, type: headers['content-type'], target: headers['x-amz-target'], body: JSON.parse(body) },
      scope: /Credential=([^,]*)/.exec(headers.authorization ?? '')?.[1],
    }));
    expect(plain).toEqual(bySdk);
    const __type = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    for (const [status, headers, body] of [
      [200, { ...json, 'x-amz-crc32': '1' }, left(aws)],
      [200, json, left(aws).slice(0, -1)],
      [400, json, JSON.stringify({ __type, message: 'Slower' })],
    ] as const) {
      heard = [];
      answer = (_, response) =>
        heard.length === 1 ? response.writeHead(status, headers).end(body) : response.writeHead(200, json).end('{}');
      expect(await batchWrite(aws, rows)).toEqual([]);
      expect(heard).toHaveLength(2);
    }
  });

  it('end with their signal, also where a server hangs', async () => {
    answer = () => {};
    const aws = clientsOf(endpoint);
    const abort = new AbortController();
    const put = putBytes(aws, 'a', 'x', { type, signal: abort.signal });
    await vi.waitUntil(() => heard.length === 1);
    abort.abort();
    await expect(put).rejects.toMatchObject({ name: 'AbortError' });
    await expect(getBytes(aws, 'a', abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await turn();
    expect(heard).toHaveLength(1);
  });

  it('have new credentials before the old ones expire', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    ends.push(() => vi.useRealTimers());
    const aws = clientsOf(endpoint);
    let asked = 0;
    Object.assign(sdkClient(aws.s3, S3Client).config, {
      credentials: async () => ({
        accessKeyId: `key-${++asked}`,
        secretAccessKey: 'secret',
        expiration: new Date(Date.now() + 3_600_000),
      }),
    });
    for (const minutes of [0, 58, 58, 0]) {
      vi.setSystemTime(Date.now() + minutes * 60_000);
      await putBytes(aws, 'a', 'x', { type });
    }
    const used = heard.map(({ headers }) => /Credential=([^/]*)/.exec(headers.authorization ?? '')?.[1]);
    expect(used).toEqual(['key-1', 'key-2', 'key-3', 'key-3']);
  });

  it('have the time of the server where this machine’s clock is wrong', async () => {
    const hour = 3_600_000;
    const skewed = '<Error><Code>RequestTimeTooSkewed</Code><Message>Too large.</Message></Error>';
    answer = (request, response) => {
      const at = String(request.headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5');
      const date = new Date(Date.now() + hour).toUTCString();
      if (Math.abs(Date.parse(at) - Date.now() - hour) < 60_000) response.writeHead(200, { etag: '"1"', date }).end();
      else response.writeHead(403, { ...xml, date }).end(skewed);
    };
    const aws = clientsOf(endpoint);
    for (let i = 0; i < 3; i++) await putBytes(aws, 'a', 'x', { type });
    expect(heard).toHaveLength(4);
  });

  it('go by the SDK where they are large, or somebody else’s middleware is to see them', async () => {
    const aws = clientsOf(endpoint);
    const sent = vi.spyOn(aws.s3, 'send');
    await putBytes(aws, 'large', Buffer.alloc(2 ** 20 + 1), { type });
    expect(sent).toHaveBeenCalledTimes(1);
    const seen: string[] = [];
    sdkClient(aws.s3, S3Client).middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          seen.push(commandName);
          return next(args);
        },
      { step: 'initialize' },
    );
    await putBytes(aws, 'a', 'x', { type });
    await getBytes(aws, 'a');
    expect(seen).toEqual(['PutObjectCommand', 'GetObjectCommand']);
  });
});
