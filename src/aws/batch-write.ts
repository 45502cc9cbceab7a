import { BatchWriteItemCommand, type BatchWriteItemCommandOutput, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { CutOffAnswer } from './answers.js';
import type { Aws } from './clients.js';
import { sendPlainly } from './road.js';

/**
 * Writes or deletes up to 25 items of the table.
 *
 * @param requests Without binary values.
 * @returns Those that DynamoDB has not processed.
 */
export async function batchWrite(
  { dynamodb, table }: Pick<Aws, 'dynamodb' | 'table'>,
  requests: readonly WriteRequest[],
  signal?: AbortSignal,
): Promise<readonly WriteRequest[]> {
  const RequestItems = { [table]: [...requests] };
  let output: Pick<BatchWriteItemCommandOutput, 'UnprocessedItems'> | undefined;
  const { answer, input } = await sendPlainly(dynamodb, {
    input: { RequestItems },
    place: table,
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem' },
    // The values of items that are no bytes stand in DynamoDB's JSON as they are.
    body: Buffer.from(JSON.stringify({ RequestItems })),
    signal,
    isRight({ headers, body }) {
      if (!/^application\/x-amz-json-1\.0/i.test(headers['content-type'] ?? '')) return false;
      output = parsed(body.toString());
      return true;
    },
  });
  if (!answer) output = await dynamodb.send(new BatchWriteItemCommand(input), { abortSignal: signal });
  return output?.UnprocessedItems?.[table] ?? [];
}

function parsed(json: string): Pick<BatchWriteItemCommandOutput, 'UnprocessedItems'> {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CutOffAnswer(`JSON that ends after ${json.length}`, { cause });
  }
}
