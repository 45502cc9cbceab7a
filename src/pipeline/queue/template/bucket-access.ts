import { definitions, type Task } from '../tasks/index.js';
import { allow, keys, ref, text } from './values.js';

/** Conditions of `bucketStatements`. */
export const bucketConditions = {
  HasKeys: { 'Fn::Not': [{ 'Fn::Equals': [ref('KmsKeyArns'), ''] }] },
  HasImageBucket: { 'Fn::Not': [{ 'Fn::Equals': [ref('ImageBucket'), ''] }] },
  HasTags: { 'Fn::Equals': [ref('ObjectTags'), 'copy'] },
};

/** What a statement is about: nothing that there is where a condition does not hold. */
const onlyIf = (condition: string, resource: unknown, nothing: string) => ({
  'Fn::If': [condition, resource, text(`arn:\${AWS::Partition}:${nothing}`)],
});
const tagged = (patterns: readonly string[]) => onlyIf('HasTags', keys(patterns), `s3:::\${Bucket}/.none`);

const readImages = allow(
  'ReadImages',
  's3:GetObject',
  onlyIf('HasImageBucket', text(`arn:\${AWS::Partition}:s3:::\${ImageBucket}/*`), `s3:::\${Bucket}/.none`),
);

const useKeys = allow(
  'UseKeys',
  ['kms:Decrypt', 'kms:GenerateDataKey'],
  onlyIf('HasKeys', { 'Fn::Split': [',', ref('KmsKeyArns')] }, `kms:\${AWS::Region}:\${AWS::AccountId}:key/none`),
  {
    StringEquals: {
      'kms:ViaService': ['s3', 'dynamodb'].map((service) => text(`${service}.\${AWS::Region}.\${AWS::URLSuffix}`)),
    },
  },
);

/**
 * What the function of a task may do beside, where images are in another bucket, or a bucket's objects are encrypted by
 * keys of one's own, or have tags.
 * S3 does it in its name: it reads and writes with the keys, and copies the tags of what it copies.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function bucketStatements(task: Task): object[] {
  const { cost, lambda } = definitions[task];
  if (cost.from !== 'catalogue') return [useKeys];
  return [
    useKeys,
    readImages,
    allow('ReadTags', 's3:GetObjectTagging', tagged(lambda.reads)),
    allow('WriteTags', 's3:PutObjectTagging', tagged(lambda.writes)),
  ];
}
