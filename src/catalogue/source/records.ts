import { createReadStream } from 'node:fs';
import Papa from 'papaparse';
import { count, PipelineError } from '../../work/index.js';

/** A row as it stands in the file. */
interface CsvRecord {
  /** The number of the line that it begins in; the first line is 1. */
  line: number;
  text: string;
  values: string[];
}

/** A file with a longer row, in characters, is rejected: it is hardly a CSV file. */
const longestRow = 128 * 1024;

/**
 * Streams the rows of a CSV file that are not empty. A quoted value may contain line breaks, as RFC 4180 has it.
 *
 * @throws PipelineError `source.brokenQuote`, `source.longLine`.
 */
export async function* readRecords(csv: string): AsyncGenerator<CsvRecord> {
  let line = 0;
  let start = 1;
  let text = '';
  let rest = '';
  for await (const chunk of createReadStream(csv, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* records(rest.length > longestRow ? [...lines, rest] : lines);
  }
  yield* records([rest]);
  if (text !== '') throw brokenQuote(csv, start);

  function* records(lines: readonly string[]): Generator<CsvRecord> {
    for (const next of lines) {
      line++;
      if (text === '') start = line;
      text = start === line ? next : `${text}\n${next}`;
      if (text.length > longestRow) throw start === line ? longLine(csv, line) : brokenQuote(csv, start);
      const values = parseValues(text);
      if (!values) continue;
      if (values.length > 1 || values[0]) yield { line: start, text, values };
      text = '';
    }
  }
}

/** The values of a row; undefined where a quoted value has not ended, so that the next line belongs to it. */
function parseValues(text: string): string[] | undefined {
  // Without quotes there is nothing to parse; most rows have none.
  if (!text.includes('"')) return text.split(',');
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
  if (errors.length === 0) return data[0];
  // In a value such as "Tie" set the quotes are ordinary characters.
  return errors[0]?.code === 'InvalidQuotes' && !text.includes('\n') ? text.split(',') : undefined;
}

/** Says in which line the row with the broken quote begins. */
export function brokenQuote(csv: string, line: number): PipelineError {
  return new PipelineError(
    'source.brokenQuote',
    `${csv}:${line}: a quoted value of this row has no end. Close its quote, or double the quotes inside it.`,
    { value: line },
  );
}

function longLine(csv: string, line: number): PipelineError {
  return new PipelineError(
    'source.longLine',
    `${csv}:${line}: the line is longer than ${count(longestRow)} characters. Is this a CSV file?`,
    { value: csv },
  );
}
