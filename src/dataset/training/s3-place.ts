import { type Aws, getBytes, headOf, isMd5, list, md5Of, objectWriter, putBytes, remove } from '../../aws/index.js';
import { imageFormats } from '../../image/index.js';
import { PipelineError } from '../../work/index.js';
import { manifestName } from '../files.js';
import type { Bytes } from '../formats/index.js';
import { journalName, type Place, type There } from './place.js';

/** What is put in one request: more is put in parts. */
const mostAtOnce = 8 << 20;

/** A folder of a bucket. */
export function s3Place(aws: Aws, folder: string): Place {
  const at = (file: string) => `${folder}/${file}`;
  return {
    name: `s3://${aws.bucket}/${folder}`,
    async files(signal) {
      const files = new Map<string, There>();
      for await (const { key, etag, bytes } of list(aws, at(''), signal))
        files.set(key.slice(folder.length + 1), { bytes, etag });
      return files;
    },
    md5: (file, { etag = '' }) => (isMd5(etag) ? Promise.resolve(etag) : md5Of(aws, at(file))),
    async read(file) {
      try {
        return Buffer.from(await getBytes(aws, at(file))).toString();
      } catch (error) {
        if (error instanceof PipelineError && error.code === 's3.notFound') return undefined;
        throw error;
      }
    },
    write: (file, content, signal) => put(at(file), content, signal),
    remove: (files) => remove(aws, files.map(at)),
    async dataset() {
      const segments = folder.split('/');
      for (const [i] of segments.entries()) {
        const above = segments.slice(0, i + 1).join('/');
        const [manifest, journal] = await Promise.all(
          [manifestName, journalName].map((name) => headOf(aws, `${above}/${name}`)),
        );
        if (manifest && !journal) return `s3://${aws.bucket}/${above}/`;
      }
      return undefined;
    },
  };

  /** A small file in one request, a large one in parts: it is there when the last one is. */
  async function put(key: string, content: AsyncIterable<Bytes> | Iterable<Bytes>, signal: AbortSignal | undefined) {
    const first: Uint8Array[] = [];
    let size = 0;
    let writer: ReturnType<typeof objectWriter> | undefined;
    try {
      for await (const some of content) {
        signal?.throwIfAborted();
        if (writer) {
          await writer.write(some);
          continue;
        }
        const bytes = typeof some === 'string' ? Buffer.from(some) : some;
        first.push(bytes);
        size += bytes.length;
        if (size <= mostAtOnce) continue;
        writer = objectWriter(aws, key, typeOf(key));
        for (const before of first.splice(0)) await writer.write(before);
      }
      if (writer) await writer.end();
      else await putBytes(aws, key, Buffer.concat(first), { type: typeOf(key), signal });
    } catch (error) {
      await writer?.abort().catch(() => {});
      throw error;
    }
  }
}

const types: Record<string, string> = {
  ...Object.fromEntries(
    Object.values(imageFormats).flatMap(({ extension, spellings, type }) =>
      [extension, ...spellings].map((name) => [name, type]),
    ),
  ),
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv',
  md: 'text/markdown',
  tar: 'application/x-tar',
};

/** The content type of a file by its name. */
const typeOf = (key: string): string => types[/\.(\w+)$/.exec(key)?.[1] ?? ''] ?? 'application/octet-stream';
