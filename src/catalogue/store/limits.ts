/**
 * What DynamoDB can hold.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const largest = 9.9e125;
const smallest = 1e-130;

/** Whether DynamoDB can hold this as the value of an attribute: any text, and numbers from 1E-130 to 9.9E+125. */
export const storable = (value: string | number): boolean =>
  typeof value === 'string' || value === 0 || (Math.abs(value) >= smallest && Math.abs(value) <= largest);

/** Whether this fits as the partition key of an index, which has at most 2,048 bytes. */
export const isPartitionKey = (key: string): boolean => Buffer.byteLength(key) <= 2048;
