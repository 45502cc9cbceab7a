import {
  DescribeTableCommand,
  type LimitExceededException,
  type ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { type Schema, sortAttribute } from '../schema.js';
import type { Index } from './items.js';

/** DynamoDB's description of the table; undefined where it does not exist. */
export async function foundTable({
  dynamodb,
  table,
}: Pick<Aws, 'dynamodb' | 'table'>): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (isBecause(error, ResourceNotFoundException)) return undefined;
    throw error;
  }
}

/** What DynamoDB is told of an index. */
export const indexDefinition = ({ name, hashAttribute }: Index, schema: Schema) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hashAttribute, KeyType: 'HASH' as const },
    { AttributeName: sortAttribute(schema), KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'ALL' as const },
});

type Reason = typeof ResourceInUseException | typeof ResourceNotFoundException | typeof LimitExceededException;

/** Whether DynamoDB's answer is this error, as it is or explained. */
export const isBecause = (error: unknown, reason: Reason): boolean =>
  error instanceof reason || (error instanceof PipelineError && error.cause instanceof reason);
