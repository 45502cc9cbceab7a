import { dataSetFiles } from '../../../dataset/index.js';
import { imageExtensions } from '../../../image/index.js';
import { jobsTableKeys, jobsTableName } from '../settings.js';
import { tasks } from '../tasks/index.js';
import { allow, attribute, bucket, keys, policy, prefixes, ref, resourcesOf, stack, text } from './values.js';

const queues = tasks.map(resourcesOf).flatMap(({ queue, deadLetters }) => [queue, deadLetters]);

/** What there is once: the table of jobs, what every function may do, and what holds for every queue. */
export const sharedResources = {
  Jobs: {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: {
      TableName: text(jobsTableName(stack)),
      ...jobsTableKeys,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    },
  },

  // Every function keeps count of its job, and whichever ends it completes the data sets.
  EveryFunction: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      Description: 'The state of jobs, and the metadata of the data sets that they make',
      PolicyDocument: policy([
        allow(
          'CountChunks',
          ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
          attribute('Jobs'),
        ),
        allow('KeepResults', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], keys(['jobs/*'])),
        allow(
          'CompleteDataSets',
          ['s3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'],
          keys([
            ...dataSetFiles.map((file) => `*/${file}`),
            '*/predictions/embeddings.f16',
            '*/predictions/*/embeddings.f16',
          ]),
        ),
        // What an earlier run has put into a folder, its manifest says: nothing else is removed.
        allow('ReadManifests', 's3:GetObject', keys(['*/manifest.json'])),
        allow(
          'RemoveStaleImages',
          's3:DeleteObject',
          keys(imageExtensions.map((extension) => `*/images/*.${extension}`)),
        ),
        allow('ListImages', 's3:ListBucket', bucket, prefixes(['*/images/', 'jobs/*'])),
        {
          Sid: 'LeaveTheCatalogueAlone',
          Effect: 'Deny',
          Action: ['s3:PutObject', 's3:DeleteObject'],
          Resource: keys(['images/*', 'catalogue/*', 'models/*', 'deploy/*']),
        },
        // No data set is below the images of another, and predictions have no images of their own.
        {
          Sid: 'LeaveOthersAlone',
          Effect: 'Deny',
          Action: ['s3:PutObject', 's3:DeleteObject'],
          Resource: keys(['*/images/*/*', '*/predictions/images/*', '*/predictions/*/images/*']),
        },
      ]),
    },
  },

  OnlyEncrypted: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: queues.map(ref),
      PolicyDocument: policy([
        {
          Sid: 'DenyPlainHttp',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: queues.map((queue) => attribute(queue)),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]),
    },
  },
};
