import { describe, expect, it } from 'vitest';
import { filesOf, imagePlaceOf, placeText } from '../../src/dataset/image-place.js';

const aws = { bucket: 'own', endpoint: 'http://127.0.0.1:4566' };
const placeOf = (imagePath: string, names: { imageBucket?: string } = {}) =>
  imagePlaceOf({ ...aws, ...names }, { id: 'JK', imagePath });

describe('where an image is', () => {
  it.each([
    ['s3://b.ucket/a/b.png', 'b.ucket', 'a/b.png'],
    ['s3://bucket/a b#c?d%20+ü.png', 'bucket', 'a b#c?d%20+ü.png'],
    ['S3://bucket//a.png', 'bucket', '/a.png'],
    ['arn:aws:s3:::bucket/a/b.png', 'bucket', 'a/b.png'],
    ['media/0a1b.png', 'own', 'media/0a1b.png'],
    ['a:b + c%20.png', 'own', 'a:b + c%20.png'],
    ['https://bucket.s3.amazonaws.com/a/b.png', 'bucket', 'a/b.png'],
    ['http://bucket.s3.amazonaws.com/a/b.png', 'bucket', 'a/b.png'],
    ['https://b.u.s3.eu-west-1.amazonaws.com/a.png', 'b.u', 'a.png'],
    ['https://bucket.s3-eu-west-1.amazonaws.com/a.png', 'bucket', 'a.png'],
    ['https://bucket.s3.dualstack.us-gov-west-1.amazonaws.com/a.png', 'bucket', 'a.png'],
    ['https://bucket.s3-accelerate.amazonaws.com/a.png', 'bucket', 'a.png'],
    ['https://bucket.s3.cn-north-1.amazonaws.com.cn/a.png', 'bucket', 'a.png'],
    ['https://s3.amazonaws.com/bucket/a/b.png', 'bucket', 'a/b.png'],
    ['https://s3.eu-west-1.amazonaws.com/bucket/a/b.png', 'bucket', 'a/b.png'],
    ['https://s3-eu-west-1.amazonaws.com/bucket/a/b.png', 'bucket', 'a/b.png'],
    ['https://bucket.s3.amazonaws.com/a%20b%2Bc+d%25.png?X-Amz-Expires=9#x', 'bucket', 'a b+c d%.png'],
    ['https://bucket.s3.amazonaws.com/gr%C3%B6%C3%9Fe/ö.png', 'bucket', 'größe/ö.png'],
    ['http://127.0.0.1:4566/bucket/a.png', 'bucket', 'a.png'],
    ['https://bucket.s3.localhost.localstack.cloud:4566/a.png', 'bucket', 'a.png'],
  ])('%s is an object', (text, bucket, key) => expect(placeOf(text)).toEqual({ bucket, key }));

  it('of a key alone is the bucket of images, where it is another', () => {
    expect(placeOf('media/a.png', { imageBucket: 'media' })).toEqual({ bucket: 'media', key: 'media/a.png' });
    expect(placeOf('s3://other/a.png', { imageBucket: 'media' })).toEqual({ bucket: 'other', key: 'a.png' });
  });

  it('can be elsewhere on the web', () => {
    expect(placeOf('https://cdn.example.com/a b.png?w=1')).toEqual({ url: 'https://cdn.example.com/a%20b.png?w=1' });
    expect(placeOf('https://s3.example.com/bucket/a.png')).toEqual({ url: 'https://s3.example.com/bucket/a.png' });
    expect(placeOf('https://bucket.s3.amazonaws.com.evil.org/a.png')).toHaveProperty('url');
  });

  it.each([
    ['', /does not say where its image is/],
    ['s3://bucket', /is no image, but a folder or a bucket/],
    ['s3://bucket/', /is no image, but a folder or a bucket/],
    ['s3:///a.png', /names no bucket/],
    ['s3://bucket/a/', /is no image, but a folder/],
    ['https://bucket.s3.amazonaws.com/', /is no image, but a folder/],
    ['https://s3.amazonaws.com/bucket', /is no image, but a folder/],
    ['https://bucket.s3.amazonaws.com/100%.png', /Write %25 for it/],
    ['https://bucket.s3.amazonaws.com/a.png?versionId=3', /one version, and the kit reads the latest/],
    ['https://point-1.s3-accesspoint.eu-west-1.amazonaws.com/a.png', /address of AWS is no bucket/],
    ['http://cdn.example.com/a.png', /Write https:/],
    ['https://me:secret@cdn.example.com/a.png', /has credentials in it/],
    ['ftp://cdn.example.com/a.png', /the kit reads s3:\/\/, https:\/\/ and keys/],
    ['data:image/png;base64,AAAA', /the kit reads s3:/],
    ['https://', /the kit reads s3:/],
  ])('cannot be %j, which names the value and the remedy', (text, message) => {
    expect(() => placeOf(text)).toThrow(message);
    expect(() => placeOf(text)).toThrowError(expect.objectContaining({ code: 'dataset.badImagePath' }));
    expect(filesOf(aws, { id: 1, imagePath: text })).toEqual([]);
  });

  it('is in a manifest as short as it can be', () => {
    expect(placeText(aws, placeOf('s3://own/images/7.png'))).toBe('images/7.png');
    expect(placeText(aws, placeOf('s3://other/7.png'))).toBe('s3://other/7.png');
    expect(placeText(aws, placeOf('https://cdn.example.com/7.png'))).toBe('https://cdn.example.com/7.png');
  });

  it('tells the file of an image that the kit has put there, and leaves that of any other open', () => {
    expect(filesOf(aws, { id: 7, imagePath: 's3://own/images/7.webp' })).toEqual(['images/7.webp']);
    const any = ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff'].map((extension) => `images/7.${extension}`);
    for (const imagePath of ['s3://own/images/8.webp', 's3://own/media/7.webp', 's3://other/images/7.webp'])
      expect(filesOf(aws, { id: 7, imagePath })).toEqual(any);
  });
});
