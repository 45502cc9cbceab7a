import { type Aws, objectWriter } from '../aws/index.js';
import type { Failure } from '../catalogue/index.js';
import type { Column, FileFormat, Totals } from './formats/index.js';
import { evenParts, type Part } from './part.js';

/**
 * Writes files of a data set side by side, in one pass over its parts that holds a thousand rows at a time. The files
 * become visible one after the other, in the order given: a reader who finds the last one finds all of them. After an
 * error, those that were not yet visible never are.
 *
 * @returns The totals, and the names of the files that were written.
 */
export async function writeFiles(
  aws: Aws,
  folder: string,
  parts: Iterable<Part> | AsyncIterable<Part>,
  files: readonly FileFormat[],
  {
    columns,
    beforeEnd,
    signal,
  }: {
    columns: readonly Column[];
    /** Called when all parts have been gone through, before the first file becomes visible. */
    beforeEnd?: () => Promise<void>;
    signal?: AbortSignal | undefined;
  },
): Promise<{ totals: Totals; written: ReadonlySet<string> }> {
  const writers = await Promise.all(files.map(async (format) => ({ format, writer: await format.open(columns) })));
  const open = writers.map(({ format: { file, type }, writer }) => ({
    file,
    writer,
    object: objectWriter(aws, `${folder}/${file}`, type),
  }));
  const failures: Failure[] = [];
  let count = 0;
  let dimensions: number | undefined;
  try {
    for (const { writer, object } of open) await object.write(writer.start);
    for await (const part of evenParts(parts)) {
      signal?.throwIfAborted();
      failures.push(...part.failures);
      if (part.rows.length === 0) continue;
      for (const { writer, object } of open) await object.write(await writer.part(part));
      count += part.rows.length;
      if (part.embeddings) dimensions = part.embeddings.length / 2 / part.rows.length;
    }
    await beforeEnd?.();
    const totals = { failures, count, dimensions };
    const written = new Set<string>();
    for (const { file, writer, object } of open) {
      const last = await writer.end(totals);
      if (last === undefined) await object.abort();
      else {
        await object.write(last);
        await object.end();
        written.add(file);
      }
    }
    return { totals, written };
  } catch (error) {
    await Promise.allSettled(open.map(({ object }) => object.abort()));
    throw error;
  }
}
