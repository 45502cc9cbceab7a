import { definitions, type Task, tasks } from '../tasks/index.js';
import { allow, keys, policy, ref, resourcesOf, text } from './values.js';

/** The tasks that have S3 copy objects, which copies their tags, too. */
const copying = tasks.filter((task) => definitions[task].cost.from === 'catalogue');

const rolesOf = (some: readonly Task[]) => some.map((task) => ref(resourcesOf(task).role));

/** Conditions of `bucketAccess`. */
export const bucketConditions = {
  HasKeys: { 'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', ref('KmsKeyArns')] }, ''] }] },
  HasTags: { 'Fn::Equals': [ref('ObjectTags'), 'copy'] },
};

/**
 * What the functions may do beside, where a bucket's objects are encrypted by keys of one's own, or have tags. S3 does
 * it in their name: it reads and writes with the keys, and copies the tags.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export const bucketAccess = {
  UseKeys: {
    Type: 'AWS::IAM::ManagedPolicy',
    Condition: 'HasKeys',
    Properties: {
      Description: 'The KMS keys of the bucket and of the tables',
      Roles: rolesOf(tasks),
      PolicyDocument: policy([
        allow('UseKeys', ['kms:Decrypt', 'kms:GenerateDataKey'], ref('KmsKeyArns'), {
          StringEquals: {
            'kms:ViaService': ['s3', 'dynamodb'].map((service) =>
              text(`${service}.\${AWS::Region}.\${AWS::URLSuffix}`),
            ),
          },
        }),
      ]),
    },
  },

  CopyTags: {
    Type: 'AWS::IAM::ManagedPolicy',
    Condition: 'HasTags',
    Properties: {
      Description: 'The tags of the images that are copied',
      Roles: rolesOf(copying),
      PolicyDocument: policy(
        copying.flatMap((task) => [
          allow('ReadTags', 's3:GetObjectTagging', keys(definitions[task].lambda.reads)),
          allow('WriteTags', 's3:PutObjectTagging', keys(definitions[task].lambda.writes)),
        ]),
      ),
    },
  },
};
