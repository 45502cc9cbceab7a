import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { clients } from '../../src/aws/index.js';
import { Catalogue, defineSchema } from '../../src/catalogue/index.js';
import { Job, Pipeline } from '../../src/pipeline/index.js';

const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4599', AWS_REGION: 'us-east-1' };
const aws = clients({ env, table: 'Leaves', bucket: 'my-leaves', stack: 'mine' });
afterAll(aws.close);

const place = 'table Leaves, bucket my-leaves, at http://127.0.0.1:4599';
const record = { id: '20260101-1', name: 'oaks', folder: 'my_oaks', bucket: 'my-leaves', products: 1444, created: '' };

test.each([
  ['clients', aws, `AWS clients dynamodb, s3 and sqs of ${place}, stack mine`],
  ['a client', aws.s3, 'S3Client at http://127.0.0.1:4599'],
  [
    'a catalogue that nothing has counted',
    new Catalogue(aws, defineSchema({ fields: { species: 'string', height: 'number' }, indexes: [['species']] })),
    `Catalogue of ${place}: products with id, species, height, imagePath`,
  ],
  ['a pipeline', new Pipeline(aws), `Pipeline of ${place}`],
  [
    'a job',
    new Job(aws, { ...record, state: 'malformed', reason: '' }),
    'job 20260101-1: oaks to my_oaks, 1,444 products',
  ],
])('%s prints as one line, by itself and within others', (_, value, line) => {
  expect(inspect(value)).toBe(line);
  expect(inspect({ value })).toContain(line);
});

test('a copy of clients with other names does not print those of the first', () => {
  expect(inspect({ ...aws, table: 'Trees' })).toContain("table: 'Trees'");
});
