import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomCrop } from '../../../src/augment/index.js';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { list } from '../../../src/aws/listing.js';
import { loadModel, type Model } from '../../../src/model/index.js';
import { Pipeline, queries } from '../../../src/pipeline/index.js';
import { createJob, forgetJob, listRecords, readJob } from '../../../src/pipeline/queue/jobs/jobs-table.js';
import { faultyProxy } from '../../faults.js';
import { uniqueName } from '../../server.js';
import { all, leftovers, smallCatalogue } from './setup.js';

let small: Awaited<ReturnType<typeof smallCatalogue>>;
let aws: Aws;
let model: Model;
const env = () => ({ ...small.env, ML_PIPELINE_STACK: stack });
const stack = uniqueName('stack');
beforeAll(async () => {
  [small, model] = await Promise.all([smallCatalogue(), loadModel(undefined, { backend: 'wasm' })]);
  aws = clients({ env: env() });
});
afterAll(async () => {
  model.dispose();
  aws.close();
  await small.close();
});

describe('a job that cannot start', () => {
  it.each([
    ['a folder of the kit', { ...queries.maleShoesFrom2012, folder: 'jobs/x' }, {}, 'dataset.badFolder'],
    ['a wrong format', all('copy'), { formats: ['xml'] }, 'dataset.unknownFormat'],
    ['a wrong condition', { where: { gendre: 'Men' }, folder: 'wrong' }, {}, 'condition.unknownField'],
    [
      'a wrong transform',
      { ...all('copy'), augment: { transforms: [{ name: 'enlarge', p: 1 }] } },
      {},
      'augment.unknownTransform',
    ],
    ['an unknown mode', all('copy'), { mode: 'queues' }, 'run.unknownMode'],
  ])('(%s) says why', async (_, query, options, code) => {
    await expect(new Pipeline(aws).run(query as never, { mode: 'queue', ...options } as never)).rejects.toMatchObject({
      code,
    });
  });

  it.each(['/home/me/model', 's3://elsewhere/models/mine'])(
    '(a model at %s) says where handlers can read it',
    async (source) => {
      const elsewhere = { ...model, source };
      await expect(new Pipeline(aws).run(all('infer'), { mode: 'queue', model: elsewhere })).rejects.toMatchObject({
        code: 'job.modelElsewhere',
        message: expect.stringContaining(`s3://${aws.bucket}/models/`),
      });
    },
  );

  it('(transforms that fit no image) says so as a direct run does, and leaves nothing behind', async () => {
    const query = { ...all('copy'), augment: { transforms: [randomCrop(500, 700)] } };
    await expect(new Pipeline(aws).run(query, { mode: 'queue' })).rejects.toMatchObject({
      code: 'augment.imageTooSmall',
      message: expect.stringMatching(/do not fit: .* 500x700.* image \d+, and so are 4 others .*nothing was augmented/),
    });
    expect(await listRecords(aws)).toEqual([]);
    expect(await leftovers(aws)).toEqual([]);
    for await (const { key } of list(aws, `${query.folder}/`)) expect.unreachable(key);
  });

  it('(interrupted while it sends) leaves nothing behind', async () => {
    const stop = new AbortController();
    const starting = new Pipeline(aws).run(all('copy'), {
      mode: 'queue',
      signal: stop.signal,
      onProgress: ({ stage }) => stage === 'send' && stop.abort(),
    });
    await expect(starting).rejects.toThrow();
    expect(await listRecords(aws)).toEqual([]);
    expect(await leftovers(aws)).toEqual([]);
  });

  it('(all calls refused) says that the server is overloaded', async () => {
    const proxy = await faultyProxy(small.endpoint, { rates: { throttle: 1 }, seed: 1 });
    const refused = clients({ env: { ...env(), AWS_ENDPOINT_URL: proxy.endpoint } });
    await expect(new Pipeline(refused).run(all('copy'), { mode: 'queue' })).rejects.toMatchObject({
      code: 'aws.unavailable',
      message: expect.stringMatching(/SlowDown|Throttling|Throughput/),
    });
    refused.close();
    await proxy.close();
  });
});

it('names the format in the record of a job that this version of the kit does not know', async () => {
  const job = await new Pipeline(aws).run(all('copy'), { mode: 'queue' });
  const [record] = await listRecords(aws);
  const id = uniqueName('later');
  await createJob(aws, id, { ...record, formats: ['xml'] } as never);
  await expect(readJob(aws, id)).rejects.toMatchObject({
    code: 'job.malformed',
    message: expect.stringMatching(/no metadata format 'xml'.* formats are csv, .*formats\[0\]/),
  });
  await forgetJob(aws, id);
  await job.remove();
});

it('hands a model at an https:// address on to the handlers as it is', async () => {
  const source = 'https://models.example.com/mine';
  const job = await new Pipeline(aws).run(all('infer'), { mode: 'queue', model: { ...model, source } });
  expect((await readJob(aws, job.id))?.steps).toContainEqual({
    task: 'infer',
    model: { source, name: model.name, fingerprint: model.fingerprint },
  });
  await job.remove();
});
