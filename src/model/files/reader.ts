import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { type AwsClient, clients, getBytes } from '../../aws/index.js';
import { count, isLoopback, messageOf, PipelineError } from '../../work/index.js';

/** Reads the bytes of a model's file by its name, a path with `/`; no more than `limit` of them. */
export type Read = (name: string, limit: number) => Promise<Uint8Array>;

/** Where a model lies. */
export interface Reader {
  /** The name of the file with the net: `model.json`, unless the source names another one. */
  network: string;
  read: Read;
}

/** Milliseconds after which the download of a file is given up, and those without a single byte of it. */
const timeout = 60_000;
const silence = 10_000;

/**
 * Returns a reader of the files in a folder, under an `s3://bucket/prefix`, or below an `https://` address (`http://`
 * for this machine only). As elsewhere in TensorFlow.js, the source may name the file of the net itself, and a folder
 * may be a `file://` address.
 *
 * @throws PipelineError `model.badUrl`, `model.insecureUrl`. `read` throws `model.tooLarge`, `model.unreachable`,
 * `model.insecureUrl`, `aws.…`, or the error of the file system or of S3 for a missing file.
 */
export function readerOf(source: string, s3?: AwsClient): Reader {
  const [, scheme] = /^([a-z][a-z\d+.-]+):\/\//i.exec(source) ?? [];
  if (scheme === undefined) return folderReader(source);
  if (/^file$/i.test(scheme)) return folderReader(pathOf(source));
  if (/^s3$/i.test(scheme)) return s3Reader(source, s3);
  if (/^https?$/i.test(scheme) && URL.canParse(source)) return webReader(source);
  throw new PipelineError(
    'model.badUrl',
    `'${source}' is not a valid address. Give the model's folder, s3://bucket/prefix or https://host/path.`,
    { value: source },
  );
}

/** The folder and the net's file of a path that may end with the latter. */
function split(name: string): { folder: string; network: string } {
  const network = /(?<![^/\\])[^/\\]+\.json$/i.exec(name)?.[0];
  return network === undefined
    ? { folder: name.replace(/(?<=[^/])\/$/, ''), network: 'model.json' }
    : { folder: name.slice(0, -network.length).replace(/(?<=[^/])\/$/, ''), network };
}

/** The path in a `file://` address. TensorFlow.js takes what follows literally, relative paths too. */
function pathOf(address: string): string {
  const literal = address.slice('file://'.length);
  if (existsSync(literal) || !URL.canParse(address)) return literal;
  try {
    return fileURLToPath(address);
  } catch {
    return literal;
  }
}

function folderReader(source: string): Reader {
  const { folder, network } = split(source);
  return {
    network,
    async read(name, limit) {
      const file = path.join(folder, name);
      const found = await stat(file);
      // A pipe or a device may have no end.
      if (!found.isFile()) throw new Error(`${file} is not a file`);
      if (found.size > limit) throw tooLarge(file, limit);
      return readFile(file);
    },
  };
}

function s3Reader(source: string, given?: AwsClient): Reader {
  // Keys are taken literally: a percent sign or a question mark in one means itself.
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/?(.*)$/i.exec(source) ?? [];
  const { folder, network } = split(prefix);
  const s3 = given ?? clients().s3;
  return {
    network,
    async read(name, limit) {
      const key = folder ? `${folder}/${name}` : name;
      // Where there is none, the request for its bytes says so.
      const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
      if ((head?.ContentLength ?? 0) > limit) throw tooLarge(`s3://${bucket}/${key}`, limit);
      return getBytes({ s3, bucket }, key);
    },
  };
}

function webReader(source: string): Reader {
  const base = new URL(source);
  refuseInsecure(base);
  const { folder, network } = split(base.pathname);
  base.pathname = `${folder === '/' ? '' : folder}/`;
  return {
    network: decoded(network),
    async read(name, limit) {
      const url = new URL(base);
      url.pathname += name.split('/').map(encodeURIComponent).join('/');
      const silent = new AbortController();
      const timer = setTimeout(() => silent.abort(new Error(`no answer for ${silence / 1000} s`)), silence).unref();
      try {
        const signal = AbortSignal.any([silent.signal, AbortSignal.timeout(timeout)]);
        const response = await fetch(url, { signal });
        refuseInsecure(new URL(response.url));
        if (response.ok) return await bodyOf(response, url.href, limit, () => timer.refresh());
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
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The bytes of an answer, which may have no end. */
async function bodyOf({ body }: Response, address: string, limit: number, onBytes: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    onBytes();
    length += chunk.length;
    // Leaving the loop cancels the download.
    if (length > limit) throw tooLarge(address, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (file: string, limit: number): PipelineError =>
  new PipelineError(
    'model.tooLarge',
    `${file} has more than ${count(limit)} bytes, which is more than the model's manifest says, or than such a file ` +
      'may have. Copy, convert or train the model again.',
    { value: file },
  );

/** Weights that come unencrypted could have been replaced on the way. */
function refuseInsecure({ protocol, hostname, href }: URL): void {
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new PipelineError(
    'model.insecureUrl',
    `A model is not loaded over plain http:// from another machine: ${href}. Give its https:// address, or ` +
      'copy it to a folder or to S3.',
    { value: href },
  );
}
