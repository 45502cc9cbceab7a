export {
  ensureBucket,
  getBytes,
  imageConcurrency,
  objectWriter,
  putBytes,
  remove,
  unquoted,
} from './bucket.js';
export { type Aws, type AwsClient, type AwsCommand, type AwsOptions, clients, sdkClient } from './clients.js';
export { clientSettings } from './endpoints.js';
export { identity } from './identity.js';
export { list, listLevel, readEtags } from './listing.js';
export { retryUnprocessed } from './retry.js';
