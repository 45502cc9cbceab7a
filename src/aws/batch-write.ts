import { BatchWriteItemCommand, type BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb';
import { CutOffAnswer } from './answers.js';
import type { Aws } from './clients.js';
import { sendPlainly } from './road.js';

/**
 * Writes or deletes up to 25 items of the table.
 *
 * @param requests The SDK's `WriteRequest`s, without binary values.
 * @returns Those that DynamoDB has not processed.
 */
export async function batchWrite<R extends object>(
  { dynamodb, table }: Pick<Aws, 'dynamodb' | 'table'>,
  requests: readonly R[],
  signal?: AbortSignal,
): Promise<readonly R[]> {
  const RequestItems = { [table]: [...requests] };
  let output: Output | undefined;
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
  if (!answer) {
    const command = new BatchWriteItemCommand(input as BatchWriteItemCommandInput);
    output = await dynamodb.send(command, { abortSignal: signal });
  }
  return (output?.UnprocessedItems?.[table] as readonly R[] | undefined) ?? [];
}

interface Output {
  UnprocessedItems?: Record<string, readonly object[]> | undefined;
}

function parsed(json: string): Output {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CutOffAnswer(`JSON that ends after ${json.length}`, { cause });
  }
}
