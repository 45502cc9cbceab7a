import { startProxy } from './proxy.js';

/**
 * A proxy before a mock of AWS with buckets that mocks do not have: what has `denied` in its path may not be read with
 * these credentials, and what has `elsewhere` is in eu-west-1. Each answers as S3 does.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const closedBuckets = (upstream: string): ReturnType<typeof startProxy> =>
  startProxy(upstream, ({ method, url = '' }, response) => {
    const [, which] = /(denied|elsewhere)/.exec(url) ?? [];
    if (which === undefined) return false;
    const [status, code, headers] =
      which === 'denied'
        ? ([403, 'AccessDenied', {}] as const)
        : ([301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }] as const);
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
    response.writeHead(status, { ...headers, 'content-type': 'application/xml', 'x-amz-request-id': 'A1B2' });
    response.end(method === 'HEAD' ? undefined : body);
    return true;
  });
