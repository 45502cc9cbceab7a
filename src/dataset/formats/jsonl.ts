import type { FileFormat } from './format.js';

/** JSON Lines: a row a line, with all that it has. @see https://jsonlines.org */
export const jsonl: FileFormat = {
  file: 'metadata.jsonl',
  type: 'application/x-ndjson',
  open: () => ({
    start: '',
    part: ({ rows }) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    end: () => '',
  }),
};
