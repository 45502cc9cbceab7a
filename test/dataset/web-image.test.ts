import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fetchImage, isPublic } from '../../src/dataset/web-image.js';

let server: Server;
let home: string;
let asked: { url: string | undefined; headers: object }[] = [];
let png: Buffer;

beforeAll(async () => {
  png = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();
  let failures = 0;
  server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    const [, path = '', rest = ''] = (request.url ?? '').split('/');
    if (path === 'to') return void response.writeHead(302, { location: decodeURIComponent(rest) }).end();
    if (path === 'loop') return void response.writeHead(301, { location: '/loop' }).end();
    if (path === 'once' && failures++ === 0) return void response.writeHead(503).end();
    if (path === 'gone') return void response.writeHead(404).end();
    if (path === 'page') return void response.writeHead(200).end('<html>log in</html>');
    if (path === 'large') {
      const flood = () => void response.write(png.length > 0 && Buffer.alloc(1 << 20), () => setImmediate(flood));
      return flood();
    }
    response.writeHead(200, { 'content-type': 'text/plain' }).end(png);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  asked = [];
  delete process.env.ML_PIPELINE_IMAGE_HOSTS;
});

const listed = () => {
  process.env.ML_PIPELINE_IMAGE_HOSTS = 'images.corp, 127.0.0.1';
};

describe('an image of the web', () => {
  it('is fetched with nothing that tells who asks, and known by its bytes', async () => {
    listed();
    const { bytes, format } = await fetchImage(`${home}/a.jpg`);
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(format.extension).toBe('png');
    expect(Object.keys(asked[0]?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
  });

  it('is asked for again where the server is overloaded, and where it has moved to', async () => {
    listed();
    expect((await fetchImage(`${home}/once`)).format.extension).toBe('png');
    expect((await fetchImage(`${home}/to/${encodeURIComponent('/a.png')}`)).format.extension).toBe('png');
    expect(asked).toHaveLength(4);
  });

  it.each([
    ['gone', /status 404/],
    ['page', /it is a web page/],
    ['loop', /redirected more than 5 times/],
    ['large', /more than 32 MB/],
    [
      `to/${encodeURIComponent('http://example.com/a.png')}`,
      /leads to http:\/\/example\.com\/a\.png, which is not https/,
    ],
    [
      `to/${encodeURIComponent('https://169.254.169.254/latest/meta-data')}`,
      /169\.254\.169\.254 is an address of this/,
    ],
    [
      `to/${encodeURIComponent('https://localhost:1/')}`,
      /localhost is an address of this machine or a private network/,
    ],
    [`to/${encodeURIComponent('https://bucket.s3.amazonaws.com/a.png')}`, /read as s3:\/\/<bucket>\/<key>/],
  ])('that is at /%s is a failure that says why', async (path, message) => {
    listed();
    await expect(fetchImage(`${home}/${path}`)).rejects.toThrow(message);
  });

  it.each(['https://127.0.0.1', 'https://localhost', 'https://[::1]', 'https://10.0.0.1', 'https://[::ffff:7f00:1]'])(
    'is not fetched from %s unless that is listed',
    async (origin) => {
      await expect(fetchImage(`${origin}:9/a.png`)).rejects.toMatchObject({
        code: 'image.notFetched',
        message: expect.stringMatching(/private network\. If that is meant, list the host in ML_PIPELINE_IMAGE_HOSTS/),
      });
    },
  );

  it('stops where it is told to', async () => {
    listed();
    const stop = new AbortController();
    const fetching = fetchImage(`${home}/large`, stop.signal);
    stop.abort(new Error('enough'));
    await expect(fetching).rejects.toThrow('enough');
  });
});

describe('an address', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111'])('%s is of the open web', (address) =>
    expect(isPublic(address)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    'fd00::1',
    'fe80::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    'ff02::1',
    'localhost',
  ])('%s is not', (address) => expect(isPublic(address)).toBe(false));
});
