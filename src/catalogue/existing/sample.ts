import {
  type AttributeValue,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../aws/index.js';
import type { AnyAttribute } from '../field-types/index.js';
import type { AnyItem } from '../store/key.js';

/** Some items of a table. */
export interface Sample {
  items: readonly AnyItem[];
  /** Whether these are all of them. */
  complete: boolean;
  /** How many there are in the table; where that is not known, how many at least. */
  products: number;
  /** Their size, as DynamoDB charges it. */
  bytes: number;
  readUnits: number;
}

/** So many parts of a table are begun to be read, each by one request of so many items, or 1 MB. */
const parts = 16;
const itemsOfPart = 250;

/** Where DynamoDB does not know how many items there are, so many more answers of each part, of 1 MB, are counted. */
const countedPages = 5;

type Key = Record<string, AttributeValue>;

/**
 * Reads some items from all over a table: up to 4,000, by 16 requests.
 *
 * @param known How many items there are by DynamoDB's own account, which is hours old.
 */
export async function sampleOf(
  { dynamodb }: Aws,
  table: string,
  known: number | undefined,
  signal?: AbortSignal,
): Promise<Sample> {
  const scan = (Segment: number, more: Partial<ScanCommandInput>) =>
    dynamodb.send(
      new ScanCommand({ TableName: table, Segment, TotalSegments: parts, ReturnConsumedCapacity: 'TOTAL', ...more }),
      { abortSignal: signal },
    );
  const segments = Array.from({ length: parts }, (_, segment) => segment);
  const answers = await Promise.all(segments.map((segment) => scan(segment, { Limit: itemsOfPart })));
  const items = answers.flatMap(({ Items = [] }) => Items);
  let readUnits = answers.reduce((sum, { ConsumedCapacity }) => sum + (ConsumedCapacity?.CapacityUnits ?? 0), 0);
  const complete = answers.every(({ LastEvaluatedKey }) => LastEvaluatedKey === undefined);
  const countRest = async (segment: number, from: Key | undefined): Promise<number> => {
    let found = 0;
    let key = from;
    for (let page = 0; key && page < countedPages; page++) {
      const answer: ScanCommandOutput = await scan(segment, { Select: 'COUNT', ExclusiveStartKey: key });
      found += answer.Count ?? 0;
      readUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0;
      key = answer.LastEvaluatedKey;
    }
    return found;
  };
  const unknown = !complete && (known ?? 0) <= items.length;
  const rest = unknown
    ? await Promise.all(answers.map(({ LastEvaluatedKey }, segment) => countRest(segment, LastEvaluatedKey)))
    : [];
  const counted = items.length + rest.reduce((sum, each) => sum + each, 0);
  return {
    items,
    complete,
    products: complete ? items.length : Math.max(known ?? 0, counted),
    bytes: items.reduce((sum, item) => sum + mapBytes(item), 0),
    readUnits,
  };
}

const mapBytes = (item: AnyItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);

/**
 * The size of any attribute.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function bytesOf({ S, N, B, SS, NS, BS, L, M }: AnyAttribute): number {
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
