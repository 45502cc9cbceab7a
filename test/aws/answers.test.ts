import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remove } from '../../src/aws/bucket.js';
import { type Aws, clients, sdkClient } from '../../src/aws/clients.js';
import { explained } from '../../src/aws/errors.js';
import { getBytes } from '../../src/aws/get-object.js';
import { putBytes } from '../../src/aws/put-object.js';
import { listen } from '../proxy.js';

let answer: RequestListener;
let asked = 0;
const server = createServer((request, response) =>
  request.resume().on('end', () => {
    asked++;
    answer(request, response);
  }),
);
let aws: Aws;
let open: Awaited<ReturnType<typeof listen>>;
const Bucket = 'static-s3-bucket';
const at = { Bucket, Key: 'images/1.jpg' };

beforeEach(async () => {
  asked = 0;
  open = await listen(server);
  aws = clients({ env: { AWS_ENDPOINT_URL: open.endpoint } });
});

afterEach(async () => {
  aws.close();
  await open.close();
});

const xml = { 'content-type': 'application/xml', 'x-amz-request-id': '1' };
const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' };
const listing = `<ListBucketResult><Contents><Key>a</Key><ETag>"1"</ETag></Contents></ListBucketResult>`;

/** What writes or reads, by its name. */
const requests: Record<string, () => Promise<unknown>> = {
  'a put': () => putBytes(aws, 'k', 'bytes', { type: 'text/plain' }),
  'a copy': () => aws.s3.send(new CopyObjectCommand({ ...at, CopySource: `${Bucket}/a` })),
  'a deletion': () => remove(aws, ['a']),
  'a list': () => aws.s3.send(new ListObjectsV2Command({ Bucket })),
  'a head': () => aws.s3.send(new HeadObjectCommand(at)),
  'a read': () => getBytes(aws, 'k'),
  'an upload': () => aws.s3.send(new CreateMultipartUploadCommand(at)),
  'a row': () => aws.dynamodb.send(new PutItemCommand({ TableName: 'T', Item: { id: { N: '1' } } })),
  'a batch': () => aws.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { T: [] } })),
  'a message': () => aws.sqs.send(new SendMessageCommand({ QueueUrl: 'http://x/q', MessageBody: 'a' })),
};

describe('what is not AWS’s answer counts as nothing, and is not asked again', () => {
  it.each<[string, number, Record<string, string>, string]>([
    ['a page with status 200, as of a captive portal', 200, { 'content-type': 'text/html' }, '<html>Log in</html>'],
    ['a page with an ETag', 200, { 'content-type': 'text/html; charset=utf-8', etag: '"1"' }, '<html></html>'],
    ['nothing with status 200', 200, {}, ''],
    ['JSON of someone else', 200, { 'content-type': 'application/json' }, '{"error":"login"}'],
    ['a page with status 403, as of a proxy', 403, { 'content-type': 'text/html' }, '<html>Blocked</html>'],
    ['a redirect to a login', 302, { location: 'http://login.example' }, ''],
  ])('%s', async (_, status, headers, body) => {
    answer = ({ method }, response) => response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body);
    for (const [name, request] of Object.entries(requests))
      await expect(request(), name).rejects.toMatchObject({
        code: 'aws.notAws',
        message: expect.stringMatching(/does not speak AWS's protocol.*AWS_ENDPOINT_URL.*up\.mjs/),
      });
    expect(asked).toBe(Object.keys(requests).length);
  });

  it('an object that is a page is one', async () => {
    const headers = { 'content-type': 'text/html', etag: '"1"', 'x-amz-request-id': '1' };
    answer = (_, response) => response.writeHead(200, headers).end('<html></html>');
    expect(Buffer.from(await getBytes(aws, 'page.html')).toString()).toBe('<html></html>');
  });

  it('an error with status 200, which S3 gives where it fails late, is asked again', async () => {
    const error = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>Try again.</Message></Error>';
    answer = (_, response) => response.writeHead(200, xml).end(asked === 1 ? error : '<DeleteResult/>');
    await remove(aws, ['a']);
    expect(asked).toBe(2);
  });
});

describe('a server or gateway that is overloaded or away is asked again, and then said to be', () => {
  const page = { 'content-type': 'text/html' };
  const away: [string, number, Record<string, string>, string][] = [
    ['a page with status 503', 503, page, '<html><head><meta charset=x><body><h1>503 Service Unavailable</h1>'],
    ['a page with status 502', 502, page, '<!DOCTYPE html><p>Bad gateway<br></body>'],
    ['a page with status 522, as of a gateway', 522, page, '<html></html>'],
    ['nothing with status 503', 503, {}, ''],
    ['nothing of AWS with status 503', 503, { 'x-amz-request-id': '1', 'x-amzn-requestid': '1' }, ''],
    ['a line with status 504', 504, { 'content-type': 'text/plain' }, 'upstream request timeout'],
    ['JSON of someone else with status 500', 500, { 'content-type': 'application/json' }, '{"fault":"no route"}'],
    [
      'an error without a message',
      503,
      { 'content-type': 'application/xml' },
      '<Error><Code>InternalError</Code></Error>',
    ],
  ];

  it.each(away)('%s', async (_, status, headers, body) => {
    answer = ({ method }, response) => response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body);
    await Promise.all(
      Object.entries(requests).map(([name, request]) =>
        expect(request(), name).rejects.toMatchObject({
          code: 'aws.unavailable',
          message: expect.stringMatching(new RegExp(`^http://[^ ]+ answers .*(${status}|InternalError).* again`)),
        }),
      ),
    );
    expect(asked).toBe(6 * Object.keys(requests).length);
  });

  it.each([
    ['a page', page, '<html>Too many requests</html>'],
    ['nothing', {}, ''],
  ])('%s with status 429', async (_, headers, body) => {
    answer = (_, response) =>
      asked === 1 ? response.writeHead(429, headers).end(body) : response.writeHead(200, xml).end(listing);
    await aws.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(asked).toBe(2);
    const failed = { endpoint: open.endpoint, table: 'T', bucket: Bucket, region: 'r', commandName: 'X', input: {} };
    const error = Object.assign(new Error('text/html'), { $metadata: { httpStatusCode: 429 } });
    expect(explained(error, failed)).toMatchObject({ code: 'aws.unavailable' });
  });
});

/** Ends the connection after so many bytes of a longer body. */
const cut = (response: ServerResponse, headers: Record<string, string>, body: string, length = body.length * 2) => {
  response.writeHead(200, { ...headers, 'content-length': length });
  response.write(body, () => response.destroy());
};

describe('an answer that is cut off is asked for again', () => {
  const whole = 'the bytes of an image';
  const tag = { etag: '"1"', 'x-amz-request-id': '1' };

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['by its length', (response) => cut(response, tag, whole)],
    ['before its first byte', (response) => cut(response, tag, '', 100)],
    [
      'in a chunk',
      (response) => {
        response.writeHead(200, tag);
        response.write(whole, () => response.destroy());
      },
    ],
    [
      'or changed',
      (response) => response.writeHead(200, { ...tag, 'x-amz-checksum-crc32': 'AAAAAA==' }).end('other bytes'),
    ],
  ])('an object, %s', async (_, spoil) => {
    answer = (_, response) => (asked < 4 ? spoil(response) : response.writeHead(200, tag).end(whole));
    expect(Buffer.from(await getBytes(aws, 'k')).toString()).toBe(whole);
    expect(asked).toBe(4);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['by its length', (response) => cut(response, json, '{"Items":[{"id":{"N":"1"}}')],
    ['at a brace', (response) => response.writeHead(200, json).end('{"Items":[{"id":{"N":"1"}},')],
    ['unlike its checksum', (response) => response.writeHead(200, { ...json, 'x-amz-crc32': '1' }).end('{"Items":[]}')],
  ])('of DynamoDB, %s', async (_, spoil) => {
    const body = '{"Items":[{"id":{"N":"1"}},{"id":{"N":"2"}}]}';
    const headers = { ...json, 'x-amz-crc32': String(crc32(body)) };
    answer = (_, response) => (asked < 3 ? spoil(response) : response.writeHead(200, headers).end(body));
    const { Items } = await aws.dynamodb.send(new ScanCommand({ TableName: 'T' }));
    expect(Items).toHaveLength(2);
    expect(asked).toBe(3);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['by its length', (response) => cut(response, xml, listing)],
    ['and its length mended', (response) => response.writeHead(200, xml).end(listing.slice(0, -12))],
  ])('of a list, %s', async (_, spoil) => {
    answer = (_, response) => (asked < 3 ? spoil(response) : response.writeHead(200, xml).end(listing));
    expect((await aws.s3.send(new ListObjectsV2Command({ Bucket }))).Contents).toHaveLength(1);
    expect(asked).toBe(3);
  });

  it('and says so where that goes on', async () => {
    answer = (_, response) => cut(response, tag, whole);
    const gone = { code: 'aws.cutOff', message: expect.stringMatching(/images\/1\.jpg arrives cut off.*run it again/) };
    await expect(getBytes(aws, at.Key)).rejects.toMatchObject(gone);
    expect(asked).toBe(6);
    answer = (_, response) => cut(response, json, '{');
    await expect(aws.dynamodb.send(new ScanCommand({ TableName: 'T' }))).rejects.toMatchObject({
      code: 'aws.cutOff',
      message: expect.stringMatching(/The answer of http:\/\/127.* to Scan arrives cut off/),
    });
    expect(asked).toBe(12);
  });

  it('but not once its reader has given up', async () => {
    const controller = new AbortController();
    answer = (_, response) => {
      response.writeHead(200, { ...tag, 'content-length': 100 }).write('a', () => controller.abort());
    };
    await expect(getBytes(aws, 'k', controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await sleep(200);
    expect(asked).toBe(1);
  });

  it('while one that streams an object itself has its stream', async () => {
    answer = (_, response) => response.writeHead(200, tag).end(whole);
    const { Body } = await aws.s3.send(new GetObjectCommand(at));
    expect(await Body?.transformToString()).toBe(whole);
  });
});

const refusal = (code: string, message = '', more = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
const exception = (name: string, message: string) =>
  JSON.stringify({ __type: `com.amazon.coral.service#${name}`, message });
const elsewhere = { ...xml, 'x-amz-bucket-region': 'eu-west-1' };
const region = /bucket static-s3-bucket is in region eu-west-1, .*go to us-east-1.*AWS_REGION=eu-west-1/;

describe('what AWS refuses is said with what to do', () => {
  const put = () => aws.s3.send(new PutObjectCommand({ ...at, Body: 'a' }));
  const head = () => aws.s3.send(new HeadObjectCommand(at));
  const headBucket = () => aws.s3.send(new HeadBucketCommand({ Bucket }));
  const copy = () => aws.s3.send(new CopyObjectCommand({ ...at, CopySource: `${Bucket}/a` }));
  const row = () => aws.dynamodb.send(new PutItemCommand({ TableName: 'T', Item: { id: { N: '1' } } }));
  const query = () => aws.dynamodb.send(new QueryCommand({ TableName: 'T', IndexName: 'brand-price' }));
  const message = () => aws.sqs.send(new SendMessageCommand({ QueueUrl: 'http://x/1/jobs', MessageBody: 'a' }));
  const old = { date: 'Mon, 30 Nov 2020 01:50:40 GMT' };

  it.each<[string, (() => Promise<unknown>)[], [number, Record<string, string>, string?], string, RegExp]>([
    ['a bucket elsewhere', [put], [301, elsewhere, refusal('PermanentRedirect')], 'aws.otherRegion', region],
    ['a bucket elsewhere, by its header', [head, headBucket], [301, elsewhere], 'aws.otherRegion', region],
    ['a bucket elsewhere, by its header', [head, headBucket], [400, elsewhere], 'aws.otherRegion', region],
    [
      'a signature for another region',
      [put],
      [
        400,
        xml,
        refusal(
          'AuthorizationHeaderMalformed',
          "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        ),
      ],
      'aws.otherRegion',
      region,
    ],
    [
      'a malformed header',
      [put],
      [400, xml, refusal('AuthorizationHeaderMalformed', 'A non-empty Access Key must be provided.')],
      'aws.credentials',
      /cannot read the signature.*AWS_ACCESS_KEY_ID.*A non-empty Access Key must be provided/,
    ],
    [
      'a clock that is wrong',
      [put],
      [403, { ...xml, ...old }, refusal('RequestTimeTooSkewed', 'Too large a difference.')],
      'aws.clock',
      /clock is wrong by \d+ minutes \(AWS has 2020-11-30T01:50:40.000Z\)/,
    ],
    [
      'a clock that is wrong',
      [row, message],
      [400, { ...json, ...old }, exception('InvalidSignatureException', 'Signature expired: 1 is now earlier than 2')],
      'aws.clock',
      /clock is wrong by \d+ minutes/,
    ],
    [
      'a wrong secret',
      [row, message],
      [400, json, exception('InvalidSignatureException', 'The request signature we calculated does not match')],
      'aws.credentials',
      /secret key does not belong to the access key.*AWS_SECRET_ACCESS_KEY/,
    ],
    [
      'a wrong secret',
      [put],
      [403, xml, refusal('SignatureDoesNotMatch', 'The request signature we calculated does not match')],
      'aws.credentials',
      /secret key does not belong to the access key.*AWS_SECRET_ACCESS_KEY/,
    ],
    ['an old token', [put], [400, xml, refusal('ExpiredToken')], 'aws.credentials', /expired.*aws sso login/],
    [
      'an old token',
      [row],
      [400, json, exception('ExpiredTokenException', 'It is expired')],
      'aws.credentials',
      /expired.*aws sso login/,
    ],
    [
      'an unknown key',
      [row],
      [400, json, exception('UnrecognizedClientException', 'Invalid.')],
      'aws.credentials',
      /does not know the access key.*AWS_ACCESS_KEY_ID/,
    ],
    [
      'what the credentials do not allow',
      [put],
      [403, xml, refusal('AccessDenied', 'Access Denied')],
      'aws.denied',
      /refuses s3:PutObject on s3:\/\/static-s3-bucket\/images\/1\.jpg: Access Denied\. Allow it/,
    ],
    [
      'what the credentials do not allow, of two',
      [copy],
      [403, xml, refusal('AccessDenied', 'Access Denied')],
      'aws.denied',
      /refuses s3:PutObject on .*1\.jpg \(or s3:GetObject on s3:\/\/static-s3-bucket\/a\)/,
    ],
    [
      'what the credentials do not allow, without a word',
      [head],
      [403, xml],
      'aws.denied',
      /refuses s3:GetObject on s3:\/\/static-s3-bucket\/images\/1\.jpg\. Allow it/,
    ],
    [
      'what the credentials do not allow elsewhere',
      [put],
      [
        403,
        xml,
        refusal('AccessDenied', 'User: me is not authorized to perform: kms:GenerateDataKey on resource: key/1'),
      ],
      'aws.denied',
      /refuses kms:GenerateDataKey on key\/1/,
    ],
    [
      'a table that the credentials do not allow',
      [row],
      [400, json, exception('AccessDeniedException', 'No.')],
      'aws.denied',
      /refuses dynamodb:PutItem on the table T: No\. Allow it/,
    ],
    [
      'an index that the credentials do not allow',
      [query],
      [400, json, exception('AccessDeniedException', 'No.')],
      'aws.denied',
      /refuses dynamodb:Query on the index brand-price of the table T: No\. Allow it/,
    ],
    [
      'a queue that the credentials do not allow',
      [message],
      [400, json, exception('AccessDeniedException', 'No.')],
      'aws.denied',
      /refuses sqs:SendMessage on the queue jobs/,
    ],
  ])('%s', async (_, requests, [status, headers, body], code, words) => {
    answer = ({ method }, response) => response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body);
    for (const request of requests)
      await expect(request()).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('no credentials at all', async () => {
    const none = new Error('Could not load credentials from any providers');
    const fails = () => () => Promise.reject(Object.assign(none, { name: 'CredentialsProviderError' }));
    sdkClient(aws.dynamodb, DynamoDBClient).middlewareStack.add(fails, { step: 'finalizeRequest' });
    await expect(row()).rejects.toMatchObject({
      code: 'aws.credentials',
      message: expect.stringMatching(/No AWS credentials.*AWS_PROFILE.*aws sso login/),
    });
  });
});
