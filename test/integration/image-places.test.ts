import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { md5 } from '../../src/aws/md5.js';
import { type CatalogueSource, defineSchema, seedCatalogue } from '../../src/catalogue/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { closedBuckets } from '../closed-buckets.js';
import { expectSameAsDirect } from '../pipeline/queue/setup.js';
import { uniqueName } from '../server.js';

const goods = defineSchema({ fields: { kind: 'string' }, indexes: [['kind']], id: 'string' });
type Good = NonNullable<typeof goods.product>;

const media = uniqueName('media');
const env = {
  ...inject('env'),
  ML_PIPELINE_TABLE: uniqueName('goods'),
  ML_PIPELINE_BUCKET: uniqueName('goods'),
  ML_PIPELINE_IMAGE_BUCKET: media,
  ML_PIPELINE_STACK: uniqueName('stack'),
  ML_PIPELINE_IMAGE_HOSTS: '127.0.0.1',
};
// The handlers find their clients by the environment, as in Lambda.
Object.assign(process.env, env);
const aws = clients();
const pipeline = new Pipeline<Good>(aws);

const encoded = (kind: 'png' | 'webp' | 'jpeg' | 'gif', green: number) =>
  sharp({ create: { width: 40, height: 50, channels: 3, background: { r: 200, g: green, b: 40 } } })
    .toFormat(kind)
    .toBuffer();

let server: Server;
let asked = 0;
const bytesOf = new Map<string, Buffer>();
/** What the table says of each image's place, by id, and the file that its bytes become. */
const places = new Map<string, { imagePath: string; file: string }>();

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    const bytes = bytesOf.get((request.url ?? '').slice(1));
    response.writeHead(bytes ? 200 : 404, { 'content-type': 'binary/octet-stream' }).end(bytes);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await aws.s3.send(new CreateBucketCommand({ Bucket: media }));

  const put = async (Bucket: string, Key: string, Body: Buffer) => {
    await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'binary/octet-stream' }));
  };
  const add = (id: string, bytes: Buffer, imagePath: string, file: string) => {
    bytesOf.set(id, bytes);
    places.set(id, { imagePath, file });
  };
  const ids = 'abcdefgh';
  const source: CatalogueSource<Good> = {
    name: 'goods',
    schema: goods,
    image: (id) => encoded('jpeg', String(id).charCodeAt(0)),
    async *products() {
      for (const id of ids) yield { id, kind: 'x' };
    },
  };
  await seedCatalogue(aws, source);
  const hash = (n: number) => md5(String(n));
  add('a', await encoded('jpeg', 97), `s3://${aws.bucket}/images/a.jpg`, 'images/a.jpg');
  add('b', await encoded('png', 20), `s3://${media}/media/${hash(1)}.png`, 'images/b.png');
  add('c', await encoded('webp', 40), `media/${hash(2)}.webp`, 'images/c.webp');
  // The name of this one lies.
  add(
    'd',
    await encoded('png', 60),
    `https://${media}.s3.eu-west-1.amazonaws.com/media/gr%C3%B6%C3%9Fe+1.jpg`,
    'images/d.png',
  );
  add('e', await encoded('webp', 80), `https://s3.amazonaws.com/${media}/a%2Bb%20%23c.webp`, 'images/e.webp');
  add('f', await encoded('gif', 90), `s3://${aws.bucket}/uploads/f`, 'images/f.gif');
  add('g', await encoded('png', 99), `${web}/g`, 'images/g.png');
  add('h', Buffer.from('<html>no image</html>'), `s3://${media}/page.png`, '');
  const keyOf = ['', `media/${hash(1)}.png`, `media/${hash(2)}.webp`, 'media/größe 1.jpg', 'a+b #c.webp'];
  for (const [i, id] of [...'abcde'].entries())
    if (i > 0) await put(media, keyOf[i] ?? '', bytesOf.get(id) ?? Buffer.of());
  await put(aws.bucket, 'uploads/f', bytesOf.get('f') ?? Buffer.of());
  await put(media, 'page.png', bytesOf.get('h') ?? Buffer.of());
  for (const [id, { imagePath }] of places)
    await aws.dynamodb.send(
      new UpdateItemCommand({
        TableName: aws.table,
        Key: { id: { S: id } },
        UpdateExpression: 'SET imagePath = :path',
        ExpressionAttributeValues: { ':path': { S: imagePath } },
      }),
    );
});
afterAll(() => {
  aws.close();
  server.close();
});

const query = { where: { kind: 'x' }, folder: 'goods' } as const;
const good = [...'abcdefg'];

describe('images that lie elsewhere', () => {
  it('are exported byte for byte, as what their bytes are, and what is none is a failure', async () => {
    const { rows, manifest } = await pipeline.run(query);
    expect(rows.map(({ imagePath }) => imagePath)).toEqual(
      good.map((id) => `s3://${aws.bucket}/goods/${places.get(id)?.file}`),
    );
    for (const [i, id] of good.entries()) {
      const key = `goods/${places.get(id)?.file}`;
      expect(Buffer.from(await getBytes(aws, key)).equals(bytesOf.get(id) ?? Buffer.of()), key).toBe(true);
      const { ContentType } = await aws.s3.send(new HeadObjectCommand({ Bucket: aws.bucket, Key: key }));
      expect(ContentType, key).toMatch(/^image\/(jpeg|png|webp|gif)$/);
      expect(manifest.images[i]?.etag, key).toBe(md5(bytesOf.get(id) ?? ''));
    }
    expect(manifest.images.map(({ source }) => source)).toEqual([
      'images/a.jpg',
      places.get('b')?.imagePath,
      `s3://${media}/${places.get('c')?.imagePath}`,
      `s3://${media}/media/größe 1.jpg`,
      `s3://${media}/a+b #c.webp`,
      'uploads/f',
      places.get('g')?.imagePath,
    ]);
    expect(manifest.failures).toMatchObject([
      {
        id: 'h',
        stage: 'copy',
        code: 'image.unreadable',
        reason: expect.stringMatching(/page\.png .*it is a web page/),
      },
    ]);
  });

  it('are neither copied nor fetched again', async () => {
    const [before, requests] = [await pipeline.open('goods'), asked];
    const again = await pipeline.run(query);
    expect(again.digest).toBe(before.digest);
    expect(asked).toBe(requests);
  });

  it('are named with the bucket and the remedy where they cannot be read', async () => {
    const nowhere = uniqueName('nowhere');
    const proxy = await closedBuckets(aws.endpoint);
    const behind = clients({ env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint } });
    const path = async (imagePath: string) =>
      aws.dynamodb.send(
        new UpdateItemCommand({
          TableName: aws.table,
          Key: { id: { S: 'h' } },
          UpdateExpression: 'SET imagePath = :path',
          ExpressionAttributeValues: { ':path': { S: imagePath } },
        }),
      );
    for (const [imagePath, code, reason] of [
      [`s3://${nowhere}/a.png`, 'image.noBucket', `s3://${nowhere}/a.png is in a bucket that does not exist`],
      [`s3://${media}/gone.png`, 's3.notFound', `s3://${media}/gone.png does not exist`],
      ['s3://denied/a.png', 'image.denied', 's3://denied/a.png cannot be read with these credentials'],
      ['s3://elsewhere/a.png', 'image.otherRegion', 's3://elsewhere/a.png is in another region'],
      ['https://elsewhere.s3.eu-west-1.amazonaws.com/a.png', 'image.otherRegion', 's3://elsewhere/a.png is in another'],
      ['ftp://host/a.png', 'dataset.badImagePath', "The image of product h is at 'ftp://host/a.png': the kit reads"],
      ['https://169.254.169.254/a.png', 'image.notFetched', '169.254.169.254 is an address of this machine'],
    ] as const) {
      await path(imagePath);
      const { manifest } = await new Pipeline<Good>(behind).run(query);
      expect(manifest.failures).toMatchObject([{ id: 'h', code, reason: expect.stringContaining(reason) }]);
    }
    await path(places.get('h')?.imagePath ?? '');
    behind.close();
    await proxy.close();
  });

  it('go through the queues with the same bytes', async () => {
    const stop = new AbortController();
    const worker = runWorker(aws, queueHandler, { signal: stop.signal });
    try {
      const queued = { ...query, folder: uniqueName('queued'), augment: { transforms: [horizontalFlip()] } };
      const job = await pipeline.run(queued, { mode: 'queue' });
      expect((await job.result()).report).toMatchObject({ exported: 7, augmented: 7, failed: 1 });
      await expectSameAsDirect<Good>(aws, queued);
    } finally {
      stop.abort();
      await worker;
    }
  }, 240_000);
});
