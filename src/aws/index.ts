export {
  ensureBucket,
  getBytes,
  getObject,
  imageConcurrency,
  objectWriter,
  putBytes,
  putIfUnchanged,
  remove,
  unquoted,
} from './bucket.js';
export { type Aws, type AwsClient, type AwsCommand, type AwsOptions, clients, placeOf, sdkClient } from './clients.js';
export { clientSettings } from './endpoints.js';
export { headOf, md5Of } from './head.js';
export { identity } from './identity.js';
export { list, listLevel, readEtags } from './listing.js';
export { type Head, isMd5, knownMd5, md5, md5Record, recordedMd5 } from './md5.js';
export { isAwsHost } from './mock-hosts.js';
export { retryUnprocessed } from './retry.js';
