import {
  type KeySchemaElement,
  ListTablesCommand,
  type Projection,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { type Aws, md5 } from '../../aws/index.js';
import { didYouMean, PipelineError } from '../../work/index.js';
import { foundTable } from '../store/describe.js';

/** An attribute that is a key, and its type in DynamoDB. */
export interface KeyFact {
  attribute: string;
  type: 'S' | 'N' | 'B';
}

/** What DynamoDB says of an index. */
export interface IndexFact {
  name: string;
  /** The attributes of the partition key; an index may have several. */
  partition: readonly KeyFact[];
  sort: readonly KeyFact[];
  /** The attributes that it has beside the keys. */
  projected: 'all' | readonly string[];
  /** Whether it can be read already. */
  active: boolean;
}

/** What DynamoDB says of a table. */
export interface TableFacts {
  table: string;
  /** A digest of its keys and indexes, which changes where the table is made anew, too. */
  digest: string;
  partition: readonly KeyFact[];
  sort: readonly KeyFact[];
  indexes: readonly IndexFact[];
  billing: 'on demand' | 'provisioned';
  /** As of some hours ago. */
  items: number;
  bytes: number;
}

/** What DynamoDB says of a table; undefined where it does not exist. */
export async function tableFacts({ dynamodb }: Aws, table: string): Promise<TableFacts | undefined> {
  const found = await foundTable({ dynamodb, table });
  return found && factsOf(table, found);
}

function factsOf(table: string, found: TableDescription): TableFacts {
  const types = new Map((found.AttributeDefinitions ?? []).map((each) => [each.AttributeName, each.AttributeType]));
  const keys = (schema: KeySchemaElement[] | undefined, kind: 'HASH' | 'RANGE') =>
    (schema ?? []).flatMap(({ AttributeName: attribute = '', KeyType }): KeyFact[] =>
      KeyType === kind ? [{ attribute, type: types.get(attribute) ?? 'S' }] : [],
    );
  const indexes = [...(found.GlobalSecondaryIndexes ?? []), ...(found.LocalSecondaryIndexes ?? [])].map(
    (index): IndexFact => ({
      name: index.IndexName ?? '',
      partition: keys(index.KeySchema, 'HASH'),
      sort: keys(index.KeySchema, 'RANGE'),
      projected: projectedOf(index.Projection),
      active: !('IndexStatus' in index) || index.IndexStatus === undefined || index.IndexStatus === 'ACTIVE',
    }),
  );
  const keyed = {
    partition: keys(found.KeySchema, 'HASH'),
    sort: keys(found.KeySchema, 'RANGE'),
    indexes: indexes.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  const made = found.TableId ?? found.CreationDateTime?.getTime();
  return {
    table,
    ...keyed,
    digest: md5(JSON.stringify([made, keyed])),
    billing: found.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST' ? 'on demand' : 'provisioned',
    items: found.ItemCount ?? 0,
    bytes: found.TableSizeBytes ?? 0,
  };
}

const projectedOf = ({ ProjectionType, NonKeyAttributes }: Projection = {}): 'all' | string[] =>
  ProjectionType === 'ALL' ? 'all' : (NonKeyAttributes ?? []);

/** The error for a table that does not exist, with the names that may be meant, as far as they may be listed. */
export async function missingTable({ dynamodb, endpoint }: Aws, table: string): Promise<PipelineError> {
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({})).catch(() => ({ TableNames: [] }));
  const others = TableNames.slice(0, 10).join(', ');
  return new PipelineError(
    'table.missing',
    `There is no table '${table}' at ${endpoint}.${didYouMean(table, TableNames)}` +
      `${others && ` There are ${others}${TableNames.length > 10 ? ', …' : ''}.`} Look at AWS_REGION, too.`,
    { value: table },
  );
}
