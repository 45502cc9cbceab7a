import type { Row } from '../row.js';
import { csv } from './csv.js';
import type { FileFormat } from './format.js';

/**
 * The CSV for those who open it in a spreadsheet, which takes a text that begins with `=`, `+`, `-` or `@` for a
 * formula and obeys it: such a text gets an apostrophe before it. A byte order mark says that the file is UTF-8.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export const spreadsheet: FileFormat = {
  file: 'metadata-spreadsheet.csv',
  type: 'text/csv',
  async open(columns) {
    const { start, part, end } = await csv.open(columns);
    return { start: `\ufeff${start}`, part: (next) => part({ ...next, rows: next.rows.map(harmless) }), end };
  },
};

const harmless = (row: Row): Row => ({
  ...row,
  ...Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? [[name, `'${value}`]] : [],
    ),
  ),
});
