import type { ParquetWriter } from 'hyparquet-writer';
import type { Bytes } from '../formats/index.js';
import type { ValueType } from './columns.js';

/** A column of a Parquet file; an image is `{ bytes, path }`. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ValueType | 'image';
}

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Rows of a group, at most: with images it ends earlier, at `groupBytes`. */
const groupRows = 1000;
/** How many bytes a row group has, about: that many are in memory. */
const groupBytes = 16 << 20;

/** Writes a Parquet file row by row, in row groups of some megabytes. */
export interface ParquetFile {
  /** Adds a row, a value for each column; returns what there is to be written. `bytes` is about how much it is. */
  add(row: readonly unknown[], bytes: number): readonly Bytes[];
  end(): readonly Bytes[];
}

/**
 * Begins a Parquet file.
 *
 * @param metadata The entries of the file's own metadata, by their keys.
 */
export async function parquetFile(
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<ParquetFile> {
  // Loaded only here, as few sessions need it.
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const out = new ByteWriter();
  const writer = new ParquetWriter({
    writer: out,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elements)],
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: 'ml-pipeline',
  });
  let rows: (readonly unknown[])[] = [];
  let size = 0;
  return {
    add(row, bytes) {
      rows.push(row);
      size += bytes;
      return rows.length >= groupRows || size >= groupBytes ? group() : [];
    },
    end() {
      const last = group();
      writer.finish();
      return [...last, taken()];
    },
  };

  function group(): Uint8Array[] {
    if (rows.length === 0) return [];
    writer.write({
      columnData: columns.map(({ name, type }, i) => ({
        name,
        data: rows.map((row) => parquetValue(type, row[i])),
        // Images are compressed, and no two of them the same: nothing is tried with their bytes.
        ...(type === 'image' && { encoding: 'PLAIN' as const, codec: 'UNCOMPRESSED' as const, statistics: false }),
      })),
      rowGroupSize: rows.length,
    });
    rows = [];
    size = 0;
    return [taken()];
  }

  /** What was written since the last time; the buffer is used again. */
  function taken(): Uint8Array {
    const bytes = out.getBytes().slice();
    out.index = 0;
    return bytes;
  }
}

function parquetValue(type: ParquetColumn['type'], value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'integer') return BigInt(Number(value));
  return type === 'date' || type === 'time' ? new Date(String(value)) : value;
}

const optional = { repetition_type: 'OPTIONAL' } as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

/** A column in the schema of the file; lists and images take several elements. */
function elements({ name, type }: ParquetColumn): SchemaElement[] {
  const list = (element: Partial<SchemaElement>): SchemaElement[] => [
    { name, ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', ...optional, ...element },
  ];
  switch (type) {
    case 'integer':
      return [{ name, ...optional, type: 'INT64' }];
    case 'number':
      return [{ name, ...optional, type: 'DOUBLE' }];
    case 'boolean':
      return [{ name, ...optional, type: 'BOOLEAN' }];
    case 'date':
      return [{ name, ...optional, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }];
    case 'time':
      return [
        {
          name,
          ...optional,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
      ];
    case 'string[]':
      return list(text);
    case 'number[]':
      return list({ type: 'DOUBLE' });
    case 'image':
      return [
        { name, ...optional, num_children: 2 },
        { name: 'bytes', ...optional, type: 'BYTE_ARRAY' },
        { name: 'path', ...optional, ...text },
      ];
    case 'string':
    case 'json':
      return [{ name, ...optional, ...text }];
  }
}
