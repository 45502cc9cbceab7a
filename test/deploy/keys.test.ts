import { describe, expect, it } from 'vitest';
import { keyMissing } from '../../scripts/deploy/checks.mjs';
import type { Aws } from '../../src/aws/clients.js';

/** An S3 whose bucket is encrypted so; without a rule it does not say. */
const bucket = (rule?: { SSEAlgorithm: string; KMSMasterKeyID?: string }): Pick<Aws, 's3' | 'bucket'> => ({
  bucket: 'shoes',
  s3: {
    async send() {
      if (!rule) throw new Error('NotImplemented');
      const answer = { ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: rule }] } };
      return answer as never;
    },
    config: { region: async () => 'us-east-1' },
    destroy() {},
  },
});
const arn = 'arn:aws:kms:us-east-1:000000000000:key/1234';

describe('a deployment', () => {
  it.each([
    ['that may use no key', ''],
    ['that may use another', 'arn:aws:kms:us-east-1:000000000000:key/5678'],
  ])("%s says what a bucket encrypted by a key of one's own needs", async (_, keys) => {
    for (const KMSMasterKeyID of [arn, '1234'])
      for (const SSEAlgorithm of ['aws:kms', 'aws:kms:dsse'])
        expect(await keyMissing(bucket({ SSEAlgorithm, KMSMasterKeyID }), keys)).toMatch(
          /^The bucket shoes .*1234, .*--kms-key/,
        );
  });

  it.each([
    ['of a key that the functions may use', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn }, `x,${arn}`],
    ['of its id', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: '1234' }, arn],
    ["of AWS's own key", { SSEAlgorithm: 'aws:kms' }, ''],
    ["of S3's", { SSEAlgorithm: 'AES256' }, ''],
    ['where the bucket does not say', undefined, ''],
  ])('says nothing %s', async (_, rule, keys) => {
    expect(await keyMissing(bucket(rule), keys)).toBeUndefined();
  });
});
