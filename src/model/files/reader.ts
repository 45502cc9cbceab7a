import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AwsClient, clients, getBytes } from '../../aws/index.js';
import { messageOf, PipelineError } from '../../work/index.js';

/** Reads the bytes of a model's file by its name, a path with `/`. */
export type Reader = (name: string) => Promise<Uint8Array>;

/** Milliseconds after which the download of a file is given up. */
const timeout = 60_000;

/**
 * Returns a reader of the files in a folder, under an `s3://bucket/prefix`, or below an `https://` address (`http://`
 * for this machine only).
 *
 * @throws PipelineError `model.badUrl`, `model.insecureUrl`. The reader throws `model.unreachable`,
 * `model.insecureUrl`, `aws.…`, or the error of the file system or of S3 for a missing file.
 */
export function readerOf(source: string, s3?: AwsClient): Reader {
  if (source.startsWith('s3://')) return s3Reader(source, s3 ?? clients().s3);
  if (/^https?:/i.test(source)) return webReader(source);
  return (name) => readFile(path.join(source, name));
}

function s3Reader(source: string, s3: AwsClient): Reader {
  const { hostname: bucket, pathname } = new URL(source);
  const prefix = decodeURIComponent(pathname).replace(/^\/|\/$/g, '');
  return (name) => getBytes({ s3, bucket }, prefix ? `${prefix}/${name}` : name);
}

function webReader(source: string): Reader {
  if (!URL.canParse(source)) {
    throw new PipelineError(
      'model.badUrl',
      `'${source}' is not a valid address. Give the model's folder, s3://bucket/prefix or https://host/path.`,
      { value: source },
    );
  }
  const base = new URL(source);
  refuseInsecure(base);
  // The address of model.json itself is accepted too, as elsewhere in TensorFlow.js.
  base.pathname = base.pathname.replace(/(\/model\.json|\/)?$/, '/');
  return async (name) => {
    const url = new URL(base);
    url.pathname += name.split('/').map(encodeURIComponent).join('/');
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
      refuseInsecure(new URL(response.url));
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      await response.body?.cancel();
      if (response.status === 429 || response.status >= 500) throw new Error(`HTTP ${response.status}`);
      throw new PipelineError('model.notFound', `HTTP ${response.status}`);
    } catch (cause) {
      if (cause instanceof PipelineError) throw cause;
      const reason = messageOf(cause instanceof Error && cause.cause ? cause.cause : cause);
      throw new PipelineError(
        'model.unreachable',
        `${url.href} cannot be fetched (${reason}). Check the address and the network, then load the model again.`,
        { value: url.href, cause },
      );
    }
  };
}

/** Weights that come unencrypted could have been replaced on the way. */
function refuseInsecure({ protocol, hostname, href }: URL): void {
  if (protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return;
  throw new PipelineError(
    'model.insecureUrl',
    `A model is not loaded over plain http:// from another machine: ${href}. Give its https:// address, or ` +
      'copy it to a folder or to S3.',
    { value: href },
  );
}
