// What fauxqs gets wrong in requests to S3, before it sees them.
import { S3Error } from './objects.mjs';

/** @import { Objects } from './objects.mjs' */

/**
 * A request as fauxqs has parsed it; the key of an object is called `*`.
 *
 * @typedef {object} ParsedRequest
 * @property {string} method
 * @property {Record<string, string | undefined>} headers
 * @property {{ bucket?: string, '*'?: string }} params
 * @property {Record<string, unknown>} query
 */

/**
 * The range of bytes that a request asks for, such that fauxqs answers as AWS does: all of an object that has fewer
 * bytes than the last ones asked for, and the object without a range where that is none, or more than one.
 *
 * @param {ParsedRequest} request
 * @param {Objects} objects
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function rangeOf({ headers: { range }, params: { bucket = '', '*': key = '' } }, objects) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (!first && !last) return undefined;
  const size = objects.find(bucket, key)?.contentLength ?? 0;
  if (first || Number(last) <= size) return range;
  return size > 0 ? 'bytes=0-' : undefined;
}

const subresources = [
  'accelerate',
  'acl',
  'attributes',
  'cors',
  'encryption',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'publicAccessBlock',
  'replication',
  'retention',
  'tagging',
  'versioning',
  'versions',
  'website',
];

/**
 * The error that answers a request to S3 which fauxqs would get wrong.
 *
 * @param {ParsedRequest} request
 * @param {Objects} objects
 */
export function refusalOf({ method, headers, params: { bucket, '*': key }, query }, objects) {
  if (bucket === undefined) return undefined;
  // fauxqs takes such a request for a plain one: PutObjectTagging would overwrite the object with its tags.
  const name = subresources.find((name) => name in query);
  if (name) return new S3Error('NotImplemented', `The embedded emulator has no S3 ?${name}.`, 501);
  return method === 'PUT' && key ? unmet(headers, bucket, key, objects) : undefined;
}

/**
 * The preconditions of a put or copy, which fauxqs ignores. Checked in the turn of the event loop that writes: atomic.
 *
 * @param {ParsedRequest['headers']} headers
 * @param {string} bucket
 * @param {string} key
 * @param {Objects} objects
 */
function unmet(headers, bucket, key, objects) {
  const etag = objects.find(bucket, key)?.etag;
  if (headers['if-match'] && !etag) return new S3Error('NoSuchKey', 'The specified key does not exist.', 404);
  const [, sourceBucket = '', sourceKey = ''] =
    /^\/?([^/]+)\/(.*)$/s.exec(decoded(headers['x-amz-copy-source'] ?? '')) ?? [];
  const source = objects.find(sourceBucket, sourceKey)?.etag;
  /** @param {string} prefix @param {string | undefined} tag */
  const fails = (prefix, tag) =>
    tag !== undefined &&
    (matches(headers[`${prefix}if-none-match`], tag) || matches(headers[`${prefix}if-match`], tag) === false);
  return fails('', etag) || fails('x-amz-copy-source-', source)
    ? new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)
    : undefined;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // fauxqs refuses it
  }
}

/**
 * Whether an ETag meets a condition; undefined where there is none.
 *
 * @param {string | undefined} condition
 * @param {string} etag
 */
const matches = (condition, etag) =>
  condition && (condition === '*' || condition.replaceAll('"', '') === etag.replaceAll('"', ''));
