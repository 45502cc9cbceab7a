import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../aws/index.js';

/** Some items of a table. */
export interface Sample {
  items: readonly Record<string, AttributeValue>[];
  /** Whether these are all of them. */
  complete: boolean;
  /** Their size, as DynamoDB charges it. */
  bytes: number;
  readUnits: number;
}

/** So many parts of a table are begun to be read, each by one request of so many items, or 1 MB. */
const parts = 16;
const itemsOfPart = 250;

/** Reads some items from all over a table: up to 4,000, by 16 requests. */
export async function sampleOf({ dynamodb }: Aws, table: string, signal?: AbortSignal): Promise<Sample> {
  const answers = await Promise.all(
    Array.from({ length: parts }, (_, Segment) =>
      dynamodb.send(
        new ScanCommand({
          TableName: table,
          Segment,
          TotalSegments: parts,
          Limit: itemsOfPart,
          ReturnConsumedCapacity: 'TOTAL',
        }),
        { abortSignal: signal },
      ),
    ),
  );
  const items = answers.flatMap(({ Items = [] }) => Items);
  return {
    items,
    complete: answers.every(({ LastEvaluatedKey }) => LastEvaluatedKey === undefined),
    bytes: items.reduce((sum, item) => sum + mapBytes(item), 0),
    readUnits: answers.reduce((sum, { ConsumedCapacity }) => sum + (ConsumedCapacity?.CapacityUnits ?? 0), 0),
  };
}

const mapBytes = (item: Record<string, AttributeValue>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);

/**
 * The size of any attribute.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function bytesOf({ S, N, B, SS, NS, BS, L, M }: AttributeValue): number {
  const texts = [...(S === undefined ? [] : [S]), ...(SS ?? [])];
  const numbers = [...(N === undefined ? [] : [N]), ...(NS ?? [])];
  return (
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
    numbers.reduce((sum, text) => sum + Math.ceil(text.length / 2) + 1, 0) +
    [...(B ? [B] : []), ...(BS ?? [])].reduce((sum, bytes) => sum + bytes.length, 0) +
    (L ? L.reduce((sum, each) => sum + 1 + bytesOf(each), 3) : 0) +
    (M ? mapBytes(M) + Object.keys(M).length + 3 : 0) +
    (texts.length + numbers.length === 0 && !B && !BS && !L && !M ? 1 : 0)
  );
}
