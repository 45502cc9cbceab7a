// What bounds each stage: the least that must be done, with everything else prepared beforehand.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BatchWriteItemCommand, DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { clients } from 'ml-pipeline';
import sharp from 'sharp';
import { decodeImage, encodeJpeg, sdkClient } from '../../dist/index.js';
import {
  chunks,
  concurrently,
  imageKey,
  imageName,
  openInThisProcess,
  randomFrom,
  randomInteger,
  readModelFiles,
  resizeImage,
  shippedModel,
} from '../../dist/internal.js';
import { measure, spec } from './measure.mjs';

const aws = clients();
/** The images by their ids. */
const files = () =>
  mapped(spec.ids, async (id) => ({ id, image: await readFile(path.join(spec.images, imageName(id))) }));

/**
 * @template T, R
 * @param {Iterable<T>} items
 * @param {(item: T) => Promise<R>} one
 */
const mapped = (items, one, concurrency = 64) => concurrently([...items], one, { concurrency });

/** How many there are. @template T @param {Iterable<T>} items @param {(item: T) => Promise<unknown>} one */
const all = async (items, one, concurrency = 64) => (await mapped(items, one, concurrency)).length;

await measure({
  async rows() {
    const items = (await readFile(spec.rows, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => ({ PutRequest: { Item: JSON.parse(line) } }));
    const requests = [...chunks(items, 25)];
    return async () => {
      await all(
        requests,
        async (batch) => {
          const { UnprocessedItems = {} } = await aws.dynamodb.send(
            new BatchWriteItemCommand({ RequestItems: { [aws.table]: batch } }),
          );
          if (Object.keys(UnprocessedItems).length > 0) throw new Error('throttled');
        },
        12,
      );
      return items.length;
    };
  },
  async images() {
    const images = await files();
    return () =>
      all(images, ({ id, image: Body }) =>
        aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: imageKey(id), Body, ContentType: 'image/jpeg' })),
      );
  },
  query: async () => async () => {
    /** @type {number[]} */
    const found = [];
    const pages = paginateQuery(
      { client: sdkClient(aws.dynamodb, DynamoDBClient) },
      {
        TableName: aws.table,
        IndexName: 'bySubCategory',
        KeyConditionExpression: 'subCategory = :kind AND yearId >= :from',
        FilterExpression: 'gender = :gender',
        ExpressionAttributeValues: { ':kind': { S: 'Shoes' }, ':from': { S: '2013' }, ':gender': { S: 'Men' } },
      },
    );
    for await (const { Items = [] } of pages) found.push(...Items.map(({ id }) => Number(id?.N)));
    return found;
  },
  export: async () => () =>
    all(spec.ids, (id) =>
      aws.s3.send(
        new CopyObjectCommand({
          Bucket: aws.bucket,
          Key: `${spec.folder}/${imageKey(id)}`,
          CopySource: `${aws.bucket}/${imageKey(id)}`,
        }),
      ),
    ),
  async augment() {
    const images = await files();
    // What is encoded has the size of the chain's result, and is a photograph too: how long it takes depends on both.
    const first = await decodeImage(images[0]?.image ?? new Uint8Array());
    const augmented = resizeImage(first, { width: 256, height: 256 });
    return () =>
      all(
        images,
        async ({ image }) => {
          await decodeImage(image);
          await encodeJpeg(augmented);
        },
        16,
      );
  },
  /** Not a bound, but what one would write in Node: a pipeline of sharp's for each image. */
  async sharp() {
    const [images, random, size] = [await files(), randomFrom(7), { width: 50, height: 70 }];
    sharp.cache(false);
    return () =>
      mapped(
        images,
        async ({ image }) => {
          const { width, height } = await sharp(image).metadata();
          const corner = {
            left: randomInteger(random, 0, width - size.width),
            top: randomInteger(random, 0, height - size.height),
          };
          const { length } = await sharp(image)
            .extract({ ...corner, ...size })
            .resize(256, 256, { fit: 'fill', kernel: 'linear' })
            .jpeg({ quality: 90, optimiseCoding: false })
            .toBuffer();
          return length;
        },
        16,
      );
  },
  async tensorflow() {
    const files = await readModelFiles(shippedModel);
    const { run } = await openInThisProcess(files, 'tensorflow', shippedModel);
    const { width, height } = files.card.input;
    const images = Array(64).fill(new Uint8Array(height * width * 3));
    await run(images, 64);
    return async () => {
      for (const _ of chunks(spec.ids, 64)) await run(images, 64);
      return spec.ids.length;
    };
  },
  readBack: async () => () =>
    mapped(spec.ids, async (id) => {
      const Key = `${spec.folder}/${imageKey(id)}`;
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key }));
      return (await Body?.transformToByteArray())?.length;
    }),
});
