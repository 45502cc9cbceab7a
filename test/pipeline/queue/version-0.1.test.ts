import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { putBytes } from '../../../src/aws/put-object.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import { decode } from '../../../src/pipeline/queue/message.js';
import { ensureQueues } from '../../../src/pipeline/queue/provision.js';
import { jobsTableName } from '../../../src/pipeline/queue/settings.js';
import { testServer, uniqueName } from '../../server.js';

// All of these are as version 0.1.0 wrote them, but for the bucket and the shorter lists.
const id = '20261129230045-1e20b3';
const steps = [
  '{"task":"copy","fresh":true}',
  '{"task":"augment","fresh":true,"recipe":{"transforms":[{"name":"randomCrop","width":50,"height":70},' +
    '{"name":"resize","width":64,"height":64,"kernel":"bilinear"}],"seed":3,"variants":2,"quality":90}}',
  '{"task":"infer","model":{"name":"fashion-attributes","fingerprint":"92a37fe790e42af7"}}',
];
const plan =
  '{"query":null,"name":"caps","where":{"id":{"in":[1000001]}},"folder":"old","table":"FashionProducts",' +
  '"bucket":"static-s3-bucket","access":"table key",' +
  '"plan":"table key, 1 of 720 products read, 0.5 read units (a scan: 24)",' +
  `"readUnits":{"consumed":0.5,"scan":24},"products":1,"chunks":1,"steps":[${steps}],"formats":["csv"],` +
  '"created":"2026-11-29T23:00:45.167Z"}';
const outcome =
  '{"exported":1,"augmented":2,"inferred":1,"failed":0,"seconds":77.816,"tasks":[{"task":"copy","done":1,"failed":0},' +
  '{"task":"augment","done":2,"failed":0},{"task":"infer","done":1,"failed":0}]}';
const message =
  `{"version":1,"job":"${id}","table":"FashionProducts","bucket":"static-s3-bucket","folder":"old","chunk":0,` +
  `"ids":[1000001],"steps":[${steps}]}`;

const row =
  '{"id":1000001,"gender":"Men","masterCategory":"Accessories","subCategory":"Headwear","articleType":"Caps",' +
  '"baseColour":"Black","season":"Fall","year":2012,"usage":"Casual","productDisplayName":"Saffrani Men Black Cap",' +
  '"imagePath":"s3://static-s3-bucket/old/images/1000001.jpg"';
const parent = '"parent":{"folder":"old","digest":"e565cf50564334c29bd6a6eba5236750"}';
const files = {
  'old/metadata.json': `[\n${row}}\n]\n`,
  'old/manifest.json':
    '{"version":1,"kit":"0.1.0","kind":"export","query":{"name":"caps","where":{"id":{"in":[1000001]}},' +
    '"table":"FashionProducts","plan":"table key"},"images":[\n{"id":1000001,"file":"images/1000001.jpg",' +
    '"etag":"113feaaffd37b3625dff55c3b6a67b3e","source":"images/1000001.jpg"}\n],"failures":[],"count":1}',
  'old/augmented/metadata.json':
    `[\n${row},"variant":0,"transforms":[{"name":"randomCrop","x":4,"y":6,"width":50,"height":70}]},\n` +
    `${row},"variant":1,"transforms":[{"name":"randomCrop","x":9,"y":1,"width":50,"height":70}]}\n]\n`,
  'old/augmented/manifest.json':
    `{"version":1,"kit":"0.1.0","kind":"augmented",${parent},"augmentation":{"transforms":[{"name":"randomCrop",` +
    '"width":50,"height":70},{"name":"resize","width":64,"height":64,"kernel":"bilinear"}],"seed":3,"variants":2,' +
    '"quality":90},"images":[\n{"id":1000001,"file":"images/1000001_0.jpg",' +
    '"etag":"4159368ad29af7c4efa9f5fdf11be38d","source":"old/images/1000001.jpg"},\n{"id":1000001,' +
    '"file":"images/1000001_1.jpg","etag":"ad52939e5447de159b0337cf71e1eab8","source":"old/images/1000001.jpg"}\n],' +
    '"failures":[],"count":2}',
  'old/predictions/metadata.json': `[\n${row},"genderPredicted":"Men","genderConfidence":0.7633}\n]\n`,
  'old/predictions/manifest.json':
    `{"version":1,"kit":"0.1.0","kind":"predictions",${parent},"model":{"name":"fashion-attributes",` +
    '"fingerprint":"92a37fe790e42af7","backend":"tensorflow"},"images":[\n{"id":1000001,' +
    '"file":"../images/1000001.jpg","etag":"113feaaffd37b3625dff55c3b6a67b3e","source":"images/1000001.jpg"}\n],' +
    '"failures":[],"count":1,"dimensions":448}',
};

const server = await testServer();
let aws: Aws;
beforeAll(async () => {
  aws = clients({
    env: { ...server.env, ML_PIPELINE_STACK: uniqueName('stack'), ML_PIPELINE_BUCKET: uniqueName('bucket') },
  });
  await aws.s3.send(new CreateBucketCommand({ Bucket: aws.bucket }));
  await ensureQueues(aws);
  for (const [key, text] of Object.entries(files)) await putBytes(aws, key, text, { type: 'application/json' });
  const head = { part: { S: 'job' }, expires: { N: '4102444800' }, plan: { S: plan } };
  const items: Record<string, AttributeValue>[] = [
    { ...head, job: { S: id }, state: { S: 'completed' }, backends: { SS: ['tensorflow'] }, outcome: { S: outcome } },
    { ...head, job: { S: `${id}-running` }, state: { S: 'running' } },
  ];
  for (const Item of items) await aws.dynamodb.send(new PutItemCommand({ TableName: jobsTableName(aws.stack), Item }));
});
afterAll(async () => {
  aws.close();
  await server.close();
});

describe('what version 0.1.0 wrote', () => {
  it('is read: a completed job, with all that it made', async () => {
    const job = await new Pipeline(aws).job(id);
    expect(await job.progress()).toMatchObject({
      state: 'completed',
      seconds: 77.816,
      unfinished: 0,
      tasks: [
        { task: 'copy', done: 1, failed: 0, total: 1 },
        { task: 'augment', done: 2, failed: 0, total: 2 },
        { task: 'infer', done: 1, failed: 0, total: 1 },
      ],
    });
    const run = await job.result();
    expect(run.report).toMatchObject({
      query: null,
      name: 'caps',
      folder: 'old',
      products: 1,
      exported: 1,
      augmented: 2,
      inferred: 1,
      failed: 0,
      plan: 'table key, 1 of 720 products read, 0.5 read units (a scan: 24)',
      readUnits: { consumed: 0.5, scan: 24 },
      seconds: 77.816,
    });
    expect([run, run.augmented, run.inferred].map((set) => [set?.folder, set?.manifest.kind])).toEqual([
      ['old', 'export'],
      ['old/augmented', 'augmented'],
      ['old/predictions', 'predictions'],
    ]);
    expect(run.augmented?.manifest.augmentation).toMatchObject({ seed: 3, variants: 2, quality: 90 });
    expect(run.inferred?.manifest.model?.backend).toBe('tensorflow');
    expect(run.inferred?.rows[0]).toMatchObject({ articleType: 'Caps', genderPredicted: 'Men' });
  });

  it('is read: a job that has only begun', async () => {
    const job = await new Pipeline(aws).job(`${id}-running`);
    expect(await job.progress()).toMatchObject({
      state: 'running',
      unfinished: 1,
      tasks: [
        { task: 'copy', total: 1 },
        { task: 'augment', total: 2 },
        { task: 'infer', total: 1 },
      ],
    });
  });

  it('is read: a message, as it is', () => {
    expect(decode(message)).toEqual(JSON.parse(message));
  });
});
