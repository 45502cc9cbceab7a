// What a request is charged for on AWS, by the kinds of its price lists.

/**
 * A request as the proxy sees it; `target` is DynamoDB's operation.
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} url
 * @property {string} [target]
 * @property {Uint8Array | string} [body]
 */

/**
 * What DynamoDB answers, as far as it says what was read.
 *
 * @typedef {{ Responses?: Record<string, object[]>, ScannedCount?: number }} Answer
 */

/** Of the catalogue, on average: a scan of 44,441 products reads 1,655 units, and 39,930 1,335. */
const bytesOfItem = 274;
/** A write unit for each item, up to a kilobyte, in the table and in each of its three indexes. */
const unitsOfWrite = 4;

/** S3's price list has one price for writes and lists, one for reads, and what is free. @param {Request} request */
function kindOf({ method, url }) {
  if (method === 'DELETE' || /[?&]delete\b/.test(url)) return 'free';
  const lists = /[?&](list-type|prefix|location)\b/.test(url);
  return method === 'HEAD' || (method === 'GET' && !lists) ? 'S3.read' : 'S3.write';
}

/**
 * What a request is charged for: amounts by the names of the prices.
 *
 * @param {Request} request
 * @param {Answer} [answer]
 * @returns {Record<string, number>}
 */
export function chargesOf({ method, url, target, body = '' }, answer = {}) {
  switch (target) {
    case undefined:
      return { [kindOf({ method, url })]: 1 };
    case 'PutItem':
      return { writeUnit: unitsOfWrite };
    case 'BatchWriteItem':
      return { writeUnit: unitsOfWrite * Object.values(JSON.parse(String(body)).RequestItems).flat().length };
    case 'BatchGetItem':
      return { readUnit: 0.5 * Object.values(answer.Responses ?? {}).flat().length };
    case 'Query':
    case 'Scan':
      // For a filtered page DynamoDB says only how many items it read; 4 KB are half a unit.
      return { readUnit: Math.ceil(((answer.ScannedCount ?? 0) * bytesOfItem) / 4096) / 2 };
    default:
      return {};
  }
}
