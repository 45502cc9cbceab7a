import { count, PipelineError } from '../../work/index.js';
import type { IdType } from '../id.js';
import { type FileFacts, type Header, readHeader, separatorLine } from './header.js';
import { idOfText } from './ids-and-years.js';
import { longestLine, readLines } from './lines.js';
import { type ParsedRow, RowParser } from './row-parser.js';
import type { Fault, Table } from './table.js';

/** A row as it stands in the file, or why it cannot be read. */
export type CsvRow = Readonly<{ line: number } & (Exclude<ParsedRow, string> | Fault)>;

/**
 * Streams the rows of a CSV file that are not empty, with the number of the line that each begins in (the first line is
 * 1). A quoted value may contain line breaks. A row whose quotes are wrong is given up alone: the next line begins the
 * next row.
 *
 * @param onHead Called once, before the first row.
 * @throws PipelineError `source.missingColumns`, `source.sameColumns`, `source.brokenQuote` and `source.longLine` for
 * the header, `text.badEncoding`, `text.unknownEncoding`.
 */
export async function* readRecords(
  table: Table,
  onHead: (head: Omit<FileFacts, 'missing'>) => void,
): AsyncGenerator<CsvRow> {
  const { file, needed } = table;
  let line = 0;
  let head: string | undefined;
  let separator: string | undefined;
  let rows: Rows | undefined;
  let found = table.encoding ?? 'utf-8';
  for await (const { lines, encoding } of readLines(table)) {
    found = encoding;
    for (const text of lines) {
      line++;
      if (rows) yield* rows.take({ text, line });
      else if (text === undefined || (head?.length ?? 0) > longestLine) throw inHeader(longLine, file, line);
      else if (head === undefined && text.trim() === '') continue;
      else if (head === undefined && separator === undefined && separatorLine(text)) separator = separatorLine(text);
      else {
        head = head === undefined ? text : `${head}\n${text}`;
        // A name may have a line break in quotes.
        if (hasLoneQuote(head)) continue;
        const header = readHeader(head, needed, { file, encoding, separator });
        onHead({ format: 'csv', ...header, encoding });
        rows = new Rows(header, table);
      }
    }
  }
  if (rows) yield* rows.end();
  else if (head === undefined) readHeader('', needed, { file, encoding: found, separator });
  else throw inHeader(brokenQuote, file, 1);
}

const brokenQuote: Fault = {
  code: 'source.brokenQuote',
  reason: 'a quoted value of this row has no end. Close its quote, or double the quotes inside it.',
};
export const longLine: Fault = {
  code: 'source.longLine',
  // The first number that is written takes 20 ms, for which no import shall wait.
  get reason() {
    return `the line is longer than ${count(longestLine)} characters. Is this a CSV file?`;
  },
};
const unclearQuotes: Fault = {
  code: 'source.unclearQuotes',
  reason: 'its quotes can be read in more than one way. Quote the whole value, and double the quotes inside it.',
};

const inHeader = ({ code, reason }: Fault, file: string, line: number): PipelineError =>
  new PipelineError(code, `${file}:${line}: ${reason}`, { value: line });

/** A line below the header; its text is undefined where it is too long. */
interface Line {
  text: string | undefined;
  line: number;
  /** Whether it may be the end of the row above, or a row: nobody can tell. */
  doubtful?: boolean;
}

/** Puts the lines below a header together to rows. */
class Rows {
  readonly #header: Header;
  readonly #idColumn: number;
  readonly #idType: IdType;
  readonly #parser: RowParser;
  /** The lines of a row whose quoted value has not ended. */
  #open: Line[] = [];
  #characters = 0;

  constructor(header: Header, { id, idType = 'number' }: Table) {
    this.#header = header;
    this.#idColumn = header.columns.indexOf(id);
    this.#idType = idType;
    this.#parser = new RowParser(header.separator);
  }

  /** Takes the next line; returns the rows that it ends, and those that are given up. */
  *take(line: Line): Generator<CsvRow> {
    const waiting = [line];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (this.#open.length > 0 && this.#endsOpenRow(next)) {
        next.doubtful = this.#open.length === 1 && hasLoneQuote(next.text);
        yield* this.#giveUp(brokenQuote, waiting, next);
        continue;
      }
      const { text } = next;
      if (text === undefined || next.doubtful) {
        yield { line: next.line, ...(text === undefined ? longLine : unclearQuotes) };
        continue;
      }
      const from = this.#open[0]?.line ?? next.line;
      const row = this.#parser.take(text);
      if (row === 'open') {
        this.#open.push(next);
        this.#characters += text.length + 1;
      } else if (row === 'unclear') {
        yield* this.#open.length > 0 ? this.#giveUp(unclearQuotes, waiting, next) : [{ line: from, ...unclearQuotes }];
      } else {
        this.#clear();
        if (row.values.some((value) => value.trim() !== '')) yield { line: from, ...row };
      }
    }
  }

  /** The file has ended. */
  *end(): Generator<CsvRow> {
    while (this.#open.length > 0) {
      const waiting: Line[] = [];
      yield* this.#giveUp(brokenQuote, waiting);
      for (const line of waiting) yield* this.take(line);
    }
  }

  /** Gives up the open row; the lines below its first are read again as rows. */
  *#giveUp(fault: Fault, waiting: Line[], ...last: Line[]): Generator<CsvRow> {
    const [first, ...others] = this.#open;
    waiting.unshift(...others, ...last);
    this.#clear();
    if (first) yield { line: first.line, ...fault };
  }

  #clear(): void {
    this.#open = [];
    this.#characters = 0;
    this.#parser.reset();
  }

  /** Whether a line cannot belong to the row above it: it is a row of its own, or makes it too long. */
  #endsOpenRow({ text }: Line): boolean {
    if (text === undefined || this.#characters + text.length > longestLine) return true;
    const values = text.split(this.#header.separator);
    const most = this.#header.columns.length;
    // Any text can be an id: what tells such a row apart is its number of values.
    if (values.length < most || (this.#idType === 'string' && values.length > most)) return false;
    return 'id' in idOfText(values[this.#idColumn] ?? '', this.#idType);
  }
}

const hasLoneQuote = (text = ''): boolean => text.split('"').length % 2 === 0;
