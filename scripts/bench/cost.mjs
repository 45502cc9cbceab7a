// What requests cost on AWS: list prices of us-east-1, https://aws.amazon.com/s3/pricing/ and
// https://aws.amazon.com/dynamodb/pricing/on-demand/.
const prices = { 'S3.write': 0.005 / 1000, 'S3.read': 0.0004 / 1000, writeUnit: 0.625 / 1e6, readUnit: 0.125 / 1e6 };

/**
 * Dollars for what the proxy counted: S3's requests by kind, DynamoDB's capacity units.
 *
 * @param {Readonly<Record<string, number>>} counts
 */
export const costOf = (counts) =>
  Object.entries(prices).reduce((sum, [name, price]) => sum + price * (counts[name] ?? 0), 0);
