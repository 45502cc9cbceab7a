/** The values of a row, or what is the matter with it. */
export type ParsedRow =
  | {
      values: string[];
      /** The first value in which quotes are ordinary characters, as in `3.5" heels` and `"Tie" set`. */
      withQuotes: number | undefined;
    }
  /** A quoted value goes on in the next line. */
  | 'open'
  /** There is more than one way to read its quotes. */
  | 'unclear';

/**
 * Splits the lines of a CSV file into values, as RFC 4180 has it, and as people write it: a quoted value may have
 * blanks around it, and quotes within a value that is not quoted as a whole are characters of it.
 */
export class RowParser {
  readonly #separator: string;
  #values: string[] = [];
  #withQuotes: number | undefined;
  /** The quoted value that the lines so far have left open. */
  #open: string | undefined;

  constructor(separator: string) {
    this.#separator = separator;
  }

  /** Takes the next line of a row. After an answer other than `open` the next line begins a row. */
  take(line: string): ParsedRow {
    // Most lines have no quotes, and there is nothing to parse.
    if (this.#open === undefined && !line.includes('"'))
      return { values: line.split(this.#separator), withQuotes: undefined };
    const end = this.#read(line);
    if (end !== 'open') {
      const row = end === 'end' ? { values: this.#values, withQuotes: this.#withQuotes } : end;
      this.reset();
      return row;
    }
    return end;
  }

  /** Gives up the row that is open; the next line begins another. */
  reset(): void {
    this.#values = [];
    this.#withQuotes = undefined;
    this.#open = undefined;
  }

  #read(line: string): 'end' | 'open' | 'unclear' {
    let at: number | undefined = 0;
    while (at !== undefined) {
      const first: number = this.#open === undefined ? this.#skipBlanks(line, at) : at;
      if (this.#open !== undefined || line[first] === '"') {
        const next = this.#quoted(line, at, first);
        if (next === 'open' || next === 'unclear') return next;
        at = next;
      } else at = this.#plain(line, at);
    }
    return 'end';
  }

  /** Reads a value up to the next separator, from `start`; returns where the next one starts, if one does. */
  #plain(line: string, start: number): number | undefined {
    const end = line.indexOf(this.#separator, start);
    const value = line.slice(start, end < 0 ? undefined : end);
    if (value.includes('"')) this.#withQuotes ??= this.#values.length;
    this.#values.push(value);
    return end < 0 ? undefined : end + 1;
  }

  /** Reads a value that begins with a quote at `first`, or goes on from the line before. */
  #quoted(line: string, start: number, first: number): number | undefined | 'open' | 'unclear' {
    const continued = this.#open !== undefined;
    let value = this.#open ?? '';
    let at = continued ? first : first + 1;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote < 0) {
        this.#open = `${value}${line.slice(at)}\n`;
        return 'open';
      }
      value += line.slice(at, quote);
      if (line[quote + 1] !== '"') {
        const end = this.#skipBlanks(line, quote + 1);
        if (end === line.length || line[end] === this.#separator) {
          this.#open = undefined;
          this.#values.push(value);
          return end === line.length ? undefined : end + 1;
        }
        // The quotes do not enclose the value. Without a separator in them they can only be characters of it.
        if (continued || value.includes(this.#separator)) return 'unclear';
        const stop = line.indexOf(this.#separator, start);
        const text = line.slice(start, stop < 0 ? undefined : stop);
        return text.split('"').length % 2 === 1 ? this.#plain(line, start) : 'unclear';
      }
      value += '"';
      at = quote + 2;
    }
  }

  #skipBlanks(line: string, start: number): number {
    let at = start;
    while ((line[at] === ' ' || line[at] === '\t') && line[at] !== this.#separator) at++;
    return at;
  }
}
