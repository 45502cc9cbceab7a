import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clients } from '../../../src/aws/clients.js';
import { getBytes } from '../../../src/aws/get-object.js';
import { putBytes } from '../../../src/aws/put-object.js';
import { Catalogue, Failures, productsById } from '../../../src/catalogue/index.js';
import { completeDataset, copyPart } from '../../../src/dataset/index.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import { queueHandler } from '../../../src/pipeline/queue/handle.js';
import { queueUrl } from '../../../src/pipeline/queue/provision.js';
import { queueName } from '../../../src/pipeline/queue/settings.js';
import { existingEtags } from '../../../src/pipeline/queue/tasks/fresh.js';
import { PipelineError, Tracker } from '../../../src/work/index.js';
import { uniqueName } from '../../server.js';
import { gatedSample } from './setup.js';

const products = 90;
const { aws, door, gated, close } = await gatedSample(products);
const handlers = clients({ env: gated });
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(async () => {
  handlers.close();
  await close();
});

const where = { id: { gt: 0 } };
const ids = async () =>
  (await new Catalogue(aws).query(where, { fields: ['id'] }).toArray()).map(({ id }) => id).sort((a, b) => a - b);

describe('a handler of a job that was cancelled', () => {
  it('stops in the middle of its chunk, and takes nothing from whoever has the folder then', async () => {
    const query = { where, folder: uniqueName('late') };
    const pipeline = new Pipeline(aws);
    const job = await pipeline.run(query, { mode: 'queue' });
    const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
    const { Messages: [message] = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, VisibilityTimeout: 600 }),
    );
    const { MessageId: messageId = '', ReceiptHandle: receiptHandle = '', Body: body = '' } = message ?? {};
    const record = { messageId, receiptHandle, body, attributes: { ApproximateReceiveCount: '1' } };
    const reached = door.hold('CopyObject', 5);
    const started = performance.now();
    const invocation = queueHandler('copy')({ Records: [record] }, { getRemainingTimeInMillis: () => 60_000 });
    await reached;
    await job.cancel();
    const dataset = await pipeline.run(query);
    expect(await invocation).toEqual({ batchItemFailures: [] });
    // The requests that are held would otherwise be waited for, and sent again.
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(door.passed('CopyObject')).toBe(5);
    expect((await pipeline.open(query.folder)).rows).toEqual(dataset.rows);
    door.open();
  });

  it('neither overwrites an image nor takes the metadata away once the folder is another’s', async () => {
    const { folder } = await new Pipeline(aws).run({ where, folder: uniqueName('taken') });
    const before = await getBytes(aws, `${folder}/metadata.json`);
    const all = await ids();
    const [first = 0] = all;
    // Each image of the catalogue is another one now, so that all would be copied again.
    for (const id of all) await putBytes(aws, `images/${id}.jpg`, `${id}`, { type: 'image/jpeg' });
    const files = all.map((id) => `images/${id}.jpg`);
    const taken = new PipelineError('run.folderTaken', 'taken');
    door.open();
    const late = copyPart(
      handlers,
      folder,
      await productsById(aws, all, undefined),
      await existingEtags(aws, folder, files),
      {
        failures: new Failures(all.length, Infinity),
        tracker: new Tracker('copy', 'images', undefined, undefined),
        confirm: () => Promise.reject(taken),
      },
    );
    await expect(late).rejects.toBe(taken);
    expect(door.passed('CopyObject')).toBe(0);
    expect(await getBytes(aws, `${folder}/metadata.json`)).toEqual(before);
    expect((await getBytes(aws, `${folder}/images/${first}.jpg`)).length).toBeGreaterThan(100);
  });
});

describe('a data set', () => {
  it('with another image in the place of its own is not said to be complete', async () => {
    const { rows, manifest } = await new Pipeline(aws).run({ where, folder: uniqueName('other') });
    const folder = rows[0]?.imagePath.split('/').at(-3) ?? '';
    const complete = () => completeDataset(aws, folder, [{ rows, images: manifest.images, failures: [] }], manifest);
    await complete();
    const [{ file } = { file: '' }] = manifest.images;
    for (const body of ['of someone else', 'put by a tool that writes no MD5']) {
      const object = { Bucket: aws.bucket, Key: `${folder}/${file}`, Body: body };
      if (body.startsWith('put')) await aws.s3.send(new PutObjectCommand(object));
      else await putBytes(aws, object.Key, body, { type: 'image/jpeg' });
      await expect(complete()).rejects.toMatchObject({
        code: 'dataset.imagesGone',
        message: expect.stringMatching(new RegExp(`1 of ${products} images .*others are in their place.*${file}`)),
      });
    }
  });
});
