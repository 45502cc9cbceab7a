import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { messageOf, PipelineError } from '../work/index.js';
import { type Headers, isForeignPage, isOfAws } from './failed.js';

/** An answer that arrived in part, or with other bytes than were sent. The SDK sends such a request again. */
export class CutOffAnswer extends Error {
  override readonly name = 'CutOffAnswer';
  readonly $retryable = {};
}

/**
 * An answer that fails and does not say why: of a balancer, a gateway or a proxy, or of a server that is overloaded.
 * The SDK sends such a request again.
 */
class SilentFailure extends Error {
  readonly $retryable: { throttling: boolean };
  readonly $metadata: { httpStatusCode: number };

  constructor({ statusCode, headers }: Answer) {
    super(headers['content-type']?.split(';')[0] ?? 'no content type');
    this.name = `status ${statusCode}`;
    this.$retryable = { throttling: statusCode === 429 };
    this.$metadata = { httpStatusCode: statusCode };
  }
}

/** What says that something of AWS's did not arrive whole, however often it was asked for. */
export const cutOff = (what: string, cause: unknown): PipelineError =>
  new PipelineError(
    'aws.cutOff',
    `${what} arrives cut off, again and again (${messageOf(cause)}). Look at the network and at proxies in between, ` +
      'and run it again: what was done is kept.',
    { value: what, cause },
  );

/** What says that something else than AWS answers. */
export const notAws = (endpoint: string, { answered = 'nonsense', cause }: { answered?: string; cause?: unknown }) =>
  new PipelineError(
    'aws.notAws',
    `What answers at ${endpoint} does not speak AWS's protocol. It answers ${answered}: it may be a proxy, the login ` +
      'page of a network, or another program. Look at the network and at AWS_ENDPOINT_URL; on this machine, stop it ' +
      'and start the mock with npx zx scripts/up.mjs.',
    { value: endpoint, cause },
  );

/** An answer as undici gives it, in the middle of the SDK's middleware. */
interface Answer {
  statusCode: number;
  headers: Headers;
  body?: unknown;
}

interface Context {
  clientName?: string;
  commandName?: string;
}

/**
 * Middleware that reads the body of each answer where a request that fails is still sent again, and passes on only what
 * AWS itself answers: a proxy or a captive portal may answer anything with status 200, and what it answered would count
 * as stored, copied or deleted.
 *
 * The body of an object stays a stream, since it may be larger than memory; `getBytes` asks for it again.
 */
export const wholeAnswers =
  (endpoint: string) =>
  <A, R extends { response: unknown }>(next: (args: A) => Promise<R>, context: Context) =>
  async (args: A): Promise<R> => {
    const result = await next(args).catch((error: unknown) => {
      throw isGarbled(error) ? new CutOffAnswer(String(error), { cause: error }) : error;
    });
    const answer = result.response as Answer;
    const isRead = answer.statusCode < 300 && context.commandName === 'GetObjectCommand';
    const body = isRead ? Buffer.alloc(0) : await bodyOf(answer);
    if (!isRead) answer.body = body;
    const wrong = wrongWith(answer, body, context);
    if (wrong === undefined) return result;
    throw notAws(endpoint, { answered: wrong });
  };

/** Whether an error of undici says that the bytes of an answer make no sense. */
const isGarbled = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(HPE_|UND_ERR_RES_)/.test(String(error.code));

/** @throws CutOffAnswer */
async function bodyOf({ body, headers }: Answer): Promise<Buffer> {
  const bytes = body instanceof Readable ? await readAll(body) : Buffer.from((body ?? '') as Uint8Array);
  checkCrc(headers, bytes);
  return bytes;
}

/**
 * Compares the bytes of an answer with the checksum that DynamoDB gives.
 *
 * @throws CutOffAnswer
 */
export function checkCrc(headers: Headers, bytes: Buffer): void {
  const crc = headers['x-amz-crc32'];
  if (crc !== undefined && Number(crc) !== crc32(bytes))
    throw new CutOffAnswer(`the checksum of ${bytes.length} bytes is not ${crc}`);
}

/**
 * All bytes of a body.
 *
 * @throws CutOffAnswer where it breaks off, or where the SDK finds another checksum than S3 has of it.
 */
export async function readAll(body: Readable): Promise<Buffer> {
  try {
    return await buffer(body);
  } catch (cause) {
    throw new CutOffAnswer(String(cause), { cause });
  }
}

/**
 * What shows that an answer is not the one that AWS gives; undefined for one that is.
 *
 * @throws CutOffAnswer where it begins as it should and does not end so; SilentFailure
 */
function wrongWith(answer: Answer, body: Buffer, { clientName, commandName = '' }: Context): string | undefined {
  const { statusCode, headers } = answer;
  const type = headers['content-type'] ?? '';
  const said = `status ${statusCode} with ${type.split(';')[0] || 'no content type'}`;
  if ((statusCode >= 500 || statusCode === 429) && !hasCode(answer, body, clientName)) throw new SilentFailure(answer);
  const isRedirect = statusCode >= 300 && statusCode < 400 && !isOfAws(headers);
  if (isRedirect || isForeignPage(headers)) return said;
  if (statusCode >= 300) return undefined;
  if (clientName !== 'S3Client') {
    if (!/^application\/x-amz-json-1\.\d/i.test(type)) return `${said} where DynamoDB and SQS answer with their JSON`;
    if (body.length > 0 && !/\}\s*$/.test(ending(body))) throw new CutOffAnswer(`JSON that ends after ${body.length}`);
    return undefined;
  }
  const name = commandName.replace(/Command$/, '');
  if (withEtag.has(name)) return headers.etag ? undefined : `${said} and no ETag to ${name}`;
  const root = roots[name];
  if (root === undefined) return undefined;
  if (!body.includes(`<${root}`)) {
    if (!ending(body).endsWith('</Error>')) return `${said} and no ${root} to ${name}`;
    // S3 may answer 200 before it knows that it fails. The SDK looks for that in some answers alone.
    answer.statusCode = 503;
    return undefined;
  }
  if (ending(body).endsWith(`</${root}>`) || /^[^<]*(<\?[^<]*)?<\w[^<]*\/>\s*$/.test(body.toString())) return undefined;
  throw new CutOffAnswer(`${root} that ends after ${body.length} bytes`);
}

/** Whether an answer names its error as AWS does: S3 in XML, DynamoDB and SQS in JSON or a header. */
const hasCode = ({ headers }: Answer, body: Buffer, clientName: string | undefined): boolean =>
  clientName === 'S3Client'
    ? /<Code>[^<]/.test(body.toString())
    : 'x-amzn-errortype' in headers || /"__type"\s*:\s*"[^"]/.test(body.toString());

const ending = (body: Buffer): string => body.subarray(-100).toString().trimEnd();

/** Operations of S3 whose answer has an ETag. */
const withEtag = new Set(['PutObject', 'UploadPart', 'HeadObject', 'GetObject']);

/** The elements that hold the other answers of S3, by operation. */
const roots: Record<string, string> = {
  CopyObject: 'CopyObjectResult',
  DeleteObjects: 'DeleteResult',
  ListObjectsV2: 'ListBucketResult',
  ListBuckets: 'ListAllMyBucketsResult',
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
};
