import type { Failed } from './failed.js';

/**
 * The action of IAM that a command needs, such as `s3:PutObject`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function actionOf(commandName: string): string {
  const name = commandName.replace(/Command$/, '');
  const action = otherNames[name];
  if (action) return action;
  if (/Queue|Message/.test(name)) return `sqs:${name.replace(/Batch$/, '')}`;
  return /Object|Bucket|Part|Upload/.test(name) ? `s3:${name}` : `dynamodb:${name}`;
}

const otherNames: Record<string, string> = {
  HeadObject: 's3:GetObject',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListBuckets: 's3:ListAllMyBuckets',
  CopyObject: 's3:PutObject',
  DeleteObjects: 's3:DeleteObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  GetCallerIdentity: 'sts:GetCallerIdentity',
};

/** What a request works on: a bucket, an object, a table or a queue; empty where it names none. */
export function resourceOf({ input }: Failed): string {
  if (typeof input.Bucket === 'string') {
    const object = input.Key === undefined ? '' : `/${input.Key}`;
    const source = input.CopySource === undefined ? '' : ` (or s3:GetObject on s3://${input.CopySource})`;
    return `s3://${input.Bucket}${object}${source}`;
  }
  if (typeof input.TableName === 'string') {
    const index = typeof input.IndexName === 'string' ? `the index ${input.IndexName} of ` : '';
    return `${index}the table ${input.TableName}`;
  }
  if (input.RequestItems) return `the table ${Object.keys(input.RequestItems).join(', ')}`;
  if (typeof input.QueueUrl === 'string') return `the queue ${input.QueueUrl.split('/').at(-1)}`;
  return '';
}
