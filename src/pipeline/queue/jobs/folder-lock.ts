import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../../aws/index.js';
import { PipelineError } from '../../../work/index.js';
import type { JobPlan, JobRecord } from './job-record.js';
import { expiry, itemAt, readJob, unmet } from './jobs-table.js';

const lockOf = (aws: Aws, { bucket, folder }: Pick<JobPlan, 'bucket' | 'folder'>) =>
  itemAt(aws, `s3://${bucket}/${folder}`, 'lock');

/**
 * Takes a folder for a job, so that no two write into it at once.
 *
 * @throws PipelineError `job.folderTaken` where another running job has it.
 */
export async function lockFolder(aws: Aws, id: string, plan: Pick<JobPlan, 'bucket' | 'folder'>): Promise<void> {
  const { TableName, Key } = lockOf(aws, plan);
  for (;;) {
    const { Item } = await aws.dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    const holder = Item?.by?.S;
    if (holder !== undefined && holder !== id && (await readJob(aws, holder))?.state === 'running') {
      throw new PipelineError(
        'job.folderTaken',
        `The job ${holder} is writing to s3://${plan.bucket}/${plan.folder}/. Wait for it, cancel it (npx zx ` +
          `scripts/jobs.mjs cancel ${holder}), or choose another folder.`,
        { value: holder },
      );
    }
    try {
      await aws.dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: { ...Key, by: { S: id }, expires: expiry() },
          ConditionExpression: holder === undefined ? 'attribute_not_exists(job)' : '#by = :holder',
          ...(holder !== undefined && {
            ExpressionAttributeNames: { '#by': 'by' },
            ExpressionAttributeValues: { ':holder': { S: holder } },
          }),
        }),
      );
      return;
    } catch (error) {
      if (!unmet(error)) throw error;
    }
  }
}

/** Releases the folder of a job. */
export async function unlockFolder(aws: Aws, job: Pick<JobRecord, 'id' | 'bucket' | 'folder'>): Promise<void> {
  try {
    await aws.dynamodb.send(
      new DeleteItemCommand({
        ...lockOf(aws, job),
        ConditionExpression: '#by = :job',
        ExpressionAttributeNames: { '#by': 'by' },
        ExpressionAttributeValues: { ':job': { S: job.id } },
      }),
    );
  } catch (error) {
    if (!unmet(error)) throw error;
  }
}
