import { count, PipelineError } from '../../work/index.js';
import type { IdType, ProductId } from '../id.js';
import type { FileFacts } from './header.js';
import { idOfText } from './ids-and-years.js';
import { readRecords } from './records.js';
import { isNaNText } from './row-reader.js';
import { RowReport } from './row-report.js';

/** The labels of a file. */
export interface Labels {
  /** The label of each id that has one. */
  labels: ReadonlyMap<ProductId, string>;
  /** Rows without a label: empty, or `nan` as Python writes it. */
  unlabelled: number;
  /** Rows that were left out. */
  report: RowReport;
  /** How the file was read. */
  head: Omit<FileFacts, 'missing'> | undefined;
}

/**
 * Reads a CSV file of labels, with the columns `id` and `attribute`. It is read as a catalogue's CSV is. An id with two
 * different labels has none: nobody can tell which is right.
 *
 * @param idType The type of the products' ids; default: whole numbers.
 *
 * @throws PipelineError `source.missingColumns`, `source.sameColumns`, `text.badEncoding`, `text.unknownEncoding`;
 * `source.empty` where no row has a label.
 */
export async function readLabels(
  file: string,
  attribute: string,
  { encoding, idType }: { encoding?: string | undefined; idType?: IdType | undefined } = {},
): Promise<Labels> {
  const labels = new Map<ProductId, string>();
  const contradicted = new Set<ProductId>();
  const report = new RowReport();
  let [unlabelled, rows] = [0, 0];
  let head: Labels['head'];
  for await (const record of readRecords({ file, needed: ['id', attribute], id: 'id', idType, encoding }, (found) => {
    head = found;
  })) {
    rows++;
    const { line } = record;
    const leaveOut = (code: string, reason: string) => report.add({ line, kind: 'malformed', code, reason });
    if ('reason' in record) {
      leaveOut(record.code, record.reason);
      continue;
    }
    const columns = head?.columns ?? [];
    if (record.values.length !== columns.length) {
      leaveOut('source.badColumns', `${record.values.length} columns instead of ${columns.length}`);
      continue;
    }
    const [idText = '', text = ''] = ['id', attribute].map((name) => record.values[columns.indexOf(name)]);
    const read = idOfText(idText, idType);
    if ('fault' in read) {
      leaveOut('source.badId', `the id '${idText}' ${read.fault}`);
      continue;
    }
    const { id } = read;
    const label = text.trim();
    const before = labels.get(id);
    if (label === '' || isNaNText(label)) unlabelled++;
    else if (contradicted.has(id) || (before !== undefined && before !== label)) {
      contradicted.add(id);
      labels.delete(id);
      leaveOut('source.twoLabels', `the id ${id} has the labels '${before ?? label}' and '${label}'`);
    } else labels.set(id, label);
  }
  if (labels.size === 0)
    throw new PipelineError(
      'source.empty',
      `${file} has no row with an id and a ${attribute} (${count(rows)} rows${
        report.reasons[0] ? `; line ${report.reasons[0].line}: ${report.reasons[0].reason}` : ''
      }).`,
      { value: file },
    );
  return { labels, unlabelled, report, head };
}
