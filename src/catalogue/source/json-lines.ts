import type { FileFacts } from './header.js';
import { readLines } from './lines.js';
import { longLine } from './records.js';
import type { Fault, SourceRow, Table } from './table.js';

/**
 * Streams the rows of a file of JSON Lines: an object a line, of which the columns that are needed are taken. A key
 * that is not there is a missing value.
 *
 * @see https://jsonlines.org
 */
export async function* readJsonLines(
  table: Table,
  onHead: (head: Omit<FileFacts, 'missing'>) => void,
): AsyncGenerator<SourceRow> {
  const { needed } = table;
  let line = 0;
  for await (const { lines, encoding: found } of readLines(table)) {
    for (const text of lines) {
      if (line++ === 0) onHead({ format: 'jsonl', encoding: found, separator: '', columns: [...needed] });
      if (text === undefined) yield { line, ...longLine };
      else if (text.trim() !== '') yield { line, ...cellsOf(text, needed) };
    }
  }
}

const noObject: Fault = {
  code: 'source.badJson',
  reason: 'the line is no JSON object, such as {"id": 1, "species": "oak"}. Write an object a line.',
};

function cellsOf(text: string, columns: readonly string[]): { values: unknown[] } | Fault {
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return noObject;
    return { values: columns.map((name) => (Object.hasOwn(row, name) ? Reflect.get(row, name) : undefined)) };
  } catch {
    return noObject;
  }
}
