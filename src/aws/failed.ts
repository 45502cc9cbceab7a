/** A request that failed: where it went, and what it asked for. */
export interface Failed {
  endpoint: string;
  table: string;
  bucket: string;
  region: string;
  /** Such as `PutObjectCommand`. */
  commandName: string;
  input: Partial<Record<'Bucket' | 'Key' | 'CopySource' | 'TableName' | 'IndexName' | 'QueueUrl', unknown>> & {
    RequestItems?: object;
  };
}

/** The HTTP status of an error of the SDK; 0 where it has none. */
export function statusOf(error: Error): number {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? Number(metadata.httpStatusCode)
    : 0;
}

/** The headers of an answer, by their names in small letters. */
export type Headers = Record<string, string | undefined>;

/** The headers of the answer that an error of the SDK is about. */
export function headersOf(error: Error): Headers {
  const response = '$response' in error ? error.$response : undefined;
  return typeof response === 'object' && response !== null && 'headers' in response
    ? (response.headers as Headers)
    : {};
}

/** Whether an answer is a web page, and has none of the headers that AWS adds to its own. */
export const isForeignPage = (headers: Headers): boolean =>
  /^(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '') && !isOfAws(headers);

export const isOfAws = (headers: Headers): boolean =>
  ['x-amz-request-id', 'x-amz-id-2', 'x-amzn-requestid'].some((name) => name in headers);
