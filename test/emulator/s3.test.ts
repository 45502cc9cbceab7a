import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testServer, uniqueName } from '../server.js';

const aws = await testServer();
const s3 = new S3Client(aws.config);
const Bucket = uniqueName('emulator');
const Body = Buffer.from('an image');
const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

beforeAll(() => s3.send(new CreateBucketCommand({ Bucket })));
afterAll(async () => {
  s3.destroy();
  await aws.close();
});

const put = (Key: string, body = Body) => s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
const read = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe('objects', () => {
  it('come back with their bytes, type, user metadata and MD5 as ETag', async () => {
    const Key = 'images/1.jpg';
    await s3.send(
      new PutObjectCommand({ Bucket, Key, Body, ContentType: 'image/jpeg', Metadata: { seed: '7', source: 'drawn' } }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({
      ContentType: 'image/jpeg',
      ContentLength: Body.length,
      ETag: etagOf(Body),
      Metadata: { seed: '7', source: 'drawn' },
    });
    expect(await read(Key)).toBe('an image');
  });

  it('are taken from a stream, which the SDK sends in chunks with a checksum behind', async () => {
    const large = Buffer.alloc(3 * 2 ** 20, 'x');
    const Body = Readable.from([large.subarray(0, 1000), large.subarray(1000)], { objectMode: false });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: large.length }));
    const { ETag, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'streamed' }));
    expect({ ETag, ContentLength }).toEqual({ ETag: etagOf(large), ContentLength: large.length });
  });

  it('may have many megabytes', async () => {
    const large = Buffer.alloc(24 * 2 ** 20, 'pixels');
    await put('large', large);
    const { ETag, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'large' }));
    expect({ ETag, ContentLength }).toEqual({ ETag: etagOf(large), ContentLength: large.length });
  });

  it.each(['a b/ü & 100%+.jpg', "it's (1)/#?=~.jpg", 'x/<y>"z".jpg', 'a//b'])('may be called %s', async (Key) => {
    const body = Buffer.from(Key);
    await put(Key, body);
    expect(await read(Key)).toBe(Key);
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: `copied/${Key}`, CopySource: `${Bucket}/${encodeURIComponent(Key)}` }),
    );
    expect(await read(`copied/${Key}`)).toBe(Key);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(Contents.map((object) => object.Key)).toEqual([Key]);
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
    expect(Errors).toEqual([]);
    await expect(read(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('are copied with their ETag, type and user metadata', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'from.jpg', Body, ContentType: 'image/jpeg', Metadata: { seed: '7' } }),
    );
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'to.jpg', CopySource: `${Bucket}/from.jpg` }),
    );
    expect(CopyObjectResult?.ETag).toBe(etagOf(Body));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'to.jpg' }));
    expect(head).toMatchObject({ ETag: etagOf(Body), ContentType: 'image/jpeg', Metadata: { seed: '7' } });
  });

  it('are copied with another type and other metadata where the request says so', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body, ContentType: 'text/plain', Metadata: { seed: '7' } }));
    const other = { MetadataDirective: 'REPLACE', ContentType: 'image/png', Metadata: { seed: '8' } } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a`, ...other }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'b' }));
    expect(head).toMatchObject({ ETag: etagOf(Body), ContentType: 'image/png', Metadata: { seed: '8' } });
  });

  it('are deleted many at once, absent ones without an error', async () => {
    await put('gone/1');
    await put('gone/2');
    const Objects = ['gone/1', 'gone/2', 'gone/never'].map((Key) => ({ Key }));
    const { Deleted = [], Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Errors).toEqual([]);
    expect(Deleted.map((object) => object.Key).sort()).toEqual(['gone/1', 'gone/2', 'gone/never']);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'gone/' }))).KeyCount).toBe(0);
  });

  it('are read in part, as AWS reads a range; one that it does not know is the whole object', async () => {
    await put('range', Buffer.from('0123456789'));
    await put('empty', Buffer.alloc(0));
    const part = async (Range: string, Key = 'range') => {
      const { Body, ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
      return [await Body?.transformToString(), ContentRange];
    };
    expect(await part('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await part('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await part('bytes=8-99')).toEqual(['89', 'bytes 8-9/10']);
    expect(await part('bytes=-3')).toEqual(['789', 'bytes 7-9/10']);
    for (const suffix of ['10', '11', '5000000'])
      expect(await part(`bytes=-${suffix}`)).toEqual(['0123456789', 'bytes 0-9/10']);
    for (const other of ['bytes=a-b', 'bytes=0-1,3-4']) expect(await part(other)).toEqual(['0123456789', undefined]);
    await expect(part('bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' });
    expect(await part('bytes=-5', 'empty')).toEqual(['', undefined]);
    await expect(part('bytes=-5', 'missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('that are missing are named so: NoSuchKey, NotFound, NoSuchBucket', async () => {
    await expect(read('missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'missing' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(s3.send(new ListObjectsV2Command({ Bucket: uniqueName('missing') }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });
});

describe('a listing', () => {
  it('lists each key once, in byte order, with size and ETag, over many pages', async () => {
    const keys = [
      '15970.jpg',
      '15970_1.jpg',
      '15970-a.jpg',
      '159701.jpg',
      'A.jpg',
      'a.jpg',
      'B.jpg',
      'z~.jpg',
      'sub/1',
      'sub/2',
    ];
    await Promise.all(keys.map((key) => put(`list/${key}`, Buffer.from(key))));
    const found = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 3 }, { Bucket, Prefix: 'list/' })) {
      found.push(...(page.Contents ?? []));
    }
    const ordered = keys.map((key) => Buffer.from(key)).sort(Buffer.compare);
    expect(found.map(({ Key, Size, ETag }) => ({ Key, Size, ETag }))).toEqual(
      ordered.map((key) => ({ Key: `list/${key}`, Size: key.length, ETag: etagOf(key) })),
    );
  });

  it('has what came since the last one, in its place, and not what went; begins after any key', async () => {
    const keys = async (StartAfter?: string) =>
      ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'moves/', StartAfter }))).Contents ?? []).map(
        ({ Key }) => Key,
      );
    await Promise.all(['moves/b', 'moves/d', 'moves0'].map((key) => put(key)));
    expect(await keys()).toEqual(['moves/b', 'moves/d']);
    await Promise.all(['moves/c', 'moves/a', 'moves/d'].map((key) => put(key)));
    expect(await keys()).toEqual(['moves/a', 'moves/b', 'moves/c', 'moves/d']);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'moves/b' }] } }));
    expect(await keys()).toEqual(['moves/a', 'moves/c', 'moves/d']);
    expect(await keys('moves/b')).toEqual(['moves/c', 'moves/d']);
    expect(await keys('moves/c')).toEqual(['moves/d']);
    expect(await keys('a')).toEqual(['moves/a', 'moves/c', 'moves/d']);
    expect(await keys('z')).toEqual([]);
  });

  it('folds folders at a delimiter', async () => {
    await Promise.all(['folds/x', 'folds/a/1', 'folds/a/2', 'folds/b/1'].map((key) => put(key)));
    const { Contents, CommonPrefixes } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'folds/', Delimiter: '/' }),
    );
    expect(Contents?.map(({ Key }) => Key)).toEqual(['folds/x']);
    expect(CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['folds/a/', 'folds/b/']);
  });
});

describe('a precondition', () => {
  it('IfNoneMatch * lets exactly one of many writers create the object', async () => {
    const writers = Array.from({ length: 8 }, (_, i) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'lock', Body: String(i), IfNoneMatch: '*' })).then(() => i),
    );
    const results = await Promise.allSettled(writers);
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.name] : []));
    expect(won).toHaveLength(1);
    for (const name of lost) expect(['PreconditionFailed', 'ConditionalRequestConflict']).toContain(name);
    expect(await read('lock')).toBe(String(won[0]));
  });

  it('IfMatch replaces only the version it names', async () => {
    const { ETag } = await put('version');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'version', Body: 'second', IfMatch: ETag }));
    const late = s3.send(new PutObjectCommand({ Bucket, Key: 'version', Body: 'third', IfMatch: ETag }));
    await expect(late).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await read('version')).toBe('second');
  });

  it('CopySourceIfMatch and CopySourceIfNoneMatch decide on the source', async () => {
    const { ETag } = await put('source');
    const copy = (condition: object) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source`, ...condition }));
    await expect(copy({ CopySourceIfNoneMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(copy({ CopySourceIfMatch: etagOf(Buffer.from('other')) })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(read('copy')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await copy({ CopySourceIfMatch: ETag });
    expect(await read('copy')).toBe('an image');
  });
});

it('a bucket name that S3 refuses is refused', async () => {
  await expect(s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Bucket' }))).rejects.toMatchObject({
    name: 'InvalidBucketName',
  });
});

it.skipIf(!aws.embedded)('a subresource the emulator lacks is refused, and the object stays as it is', async () => {
  await put('tagged');
  const tagging = s3.send(
    new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
  );
  await expect(tagging).rejects.toMatchObject({ name: 'NotImplemented' });
  expect(await read('tagged')).toBe('an image');
});
