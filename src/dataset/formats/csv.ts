import type { FileFormat } from './format.js';

/**
 * Comma-separated values with a header line; arquero quotes what needs quotes. An absent value is an empty field, and a
 * text is as it is, also one that a spreadsheet would take for a formula.
 */
export const csv: FileFormat = {
  file: 'metadata.csv',
  type: 'text/csv',
  async open(columns) {
    const { table } = await import('arquero');
    return {
      start: `${columns.map(({ name }) => name).join(',')}\n`,
      part({ rows }) {
        const values = columns.map(({ name }) => [name, rows.map((row) => row[name] ?? null)] as const);
        return table(Object.fromEntries(values)).toCSV({ header: false });
      },
      end: () => '',
    };
  },
};
