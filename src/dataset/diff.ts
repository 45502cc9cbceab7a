import { isDeepStrictEqual } from 'node:util';
import { type Aws, imageConcurrency, isMd5, md5Of, readEtags } from '../aws/index.js';
import { columnNames, type Entry, type ProductId, type Schema } from '../catalogue/index.js';
import { chunks, concurrently, interruptible, startOver } from '../work/index.js';
import { awsOf, type Dataset } from './dataset.js';
import { Difference, type FieldChange, type RowChange } from './difference.js';
import { imageOfProduct } from './foreign-image.js';
import { metadataColumns, type Row, toRow } from './row.js';
import { keyInBucket } from './row-image.js';

/** A catalogue, as far as a data set is compared with it. */
export interface Queryable {
  readonly schema: Schema;
  query(where: unknown, options: { quiet: boolean; signal?: AbortSignal | undefined }): AsyncIterable<Entry>;
}

/**
 * How two data sets differ, or a data set and the catalogue as it is now: rows that were added or removed, images with
 * other bytes, values that are others. Rows are matched by id and variant. Of an export, the query that made it is run
 * again (what it finds now and did not find then is added); of a view and of what was saved or derived, each row is
 * compared with its item.
 *
 * @throws PipelineError `condition.…` where the query does not fit the catalogue's schema any more; `aws.…`
 *
 * @example
 * const difference = await diff(shoes, catalogue);
 * console.log(String(difference));
 * if (difference.any) await show.diff(difference);
 */
export function diff(
  before: Dataset,
  after: Dataset | Queryable,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Difference> {
  return interruptible({ signal }, startOver, (steps) =>
    'query' in after
      ? withCatalogue(before, after, steps.signal)
      : Promise.resolve(compare(sideOf(before), sideOf(after), { image: (row) => imageOfProduct(awsOf(before), row) })),
  );
}

/** One of two things that are compared. */
interface Side {
  name: string;
  /** The columns whose values are compared. */
  columns: readonly string[];
  rows: readonly { row: Row; md5: string | undefined }[];
}

const sideOf = ({ uri, rows, manifest }: Dataset): Side => ({
  name: uri,
  columns: columnsOf(rows, manifest.columns),
  rows: rows.map((row, i) => ({ row, md5: manifest.images[i]?.etag })),
});

const columnsOf = (rows: readonly Row[], columns: readonly string[] = metadataColumns): string[] => {
  const names = rows.length > 0 ? [...new Set(rows.flatMap((row) => Object.keys(row)))] : columns;
  return names.filter((name) => name !== 'id' && name !== 'imagePath');
};

const keyOf = ({ id, variant }: Row): string => JSON.stringify([id, variant ?? null]);

/** Compares two sides; `gone` has the items of rows that the second side has no more. */
function compare(
  before: Side,
  after: Side,
  { image, gone = new Map() }: { image: (row: Row) => Promise<Uint8Array>; gone?: ReadonlyMap<ProductId, Row> },
): Difference {
  const shared = before.columns.filter((name) => after.columns.includes(name));
  const fieldsOf = (a: Row, b: Row): FieldChange[] =>
    shared.flatMap((field) => {
      const [one, other] = [a[field] ?? null, b[field] ?? null];
      return isDeepStrictEqual(one, other) ? [] : [{ field, before: one, after: other }];
    });
  const others = new Map(after.rows.map((one) => [keyOf(one.row), one]));
  const changes: RowChange[] = [];
  let same = 0;
  for (const { row, md5 } of before.rows) {
    const other = others.get(keyOf(row));
    others.delete(keyOf(row));
    const item = other?.row ?? gone.get(row.id);
    const fields = item ? fieldsOf(row, item) : [];
    const image = other !== undefined && md5 !== other.md5;
    if (other && fields.length === 0 && !image) same++;
    else changes.push({ id: row.id, change: other ? 'changed' : 'removed', before: row, after: item, image, fields });
  }
  for (const { row } of others.values())
    changes.push({ id: row.id, change: 'added', after: row, image: false, fields: [] });
  const columns = {
    added: after.columns.filter((name) => !shared.includes(name)),
    removed: before.columns.filter((name) => !shared.includes(name)),
  };
  return new Difference({ before: before.name, after: after.name, same, columns, image }, changes);
}

/** Items that are asked for by their ids at a time. */
const idsAtOnce = 1000;

async function withCatalogue(
  dataset: Dataset,
  catalogue: Queryable,
  signal: AbortSignal | undefined,
): Promise<Difference> {
  const aws = awsOf(dataset);
  const { rows, manifest, view } = dataset;
  const columns = columnNames(catalogue.schema);
  const options = { quiet: true, signal };
  const wanted = new Set(rows.map(({ id }) => id));
  const failed = new Set(manifest.failures.map(({ id }) => id));
  const found = new Map<ProductId, Row>();
  const items = new Map<ProductId, Row>();
  const asRow = (product: Entry) => toRow(product, product.imagePath ?? '', columns);
  const query = manifest.kind === 'export' && !view ? manifest.query : undefined;
  // What could not be exported is not new.
  if (query)
    for await (const product of catalogue.query(query.where, options))
      if (!failed.has(product.id) || wanted.has(product.id)) found.set(product.id, asRow(product));
  for (const ids of chunks(
    [...wanted].filter((id) => !found.has(id)),
    idsAtOnce,
  ))
    for await (const product of catalogue.query({ id: { in: ids } }, options))
      (query ? items : found).set(product.id, asRow(product));
  const md5s = await md5sNow(aws, dataset, found, signal);
  // A product has a row for each of its variants, and their bytes are not the catalogue's.
  const variants = rows.some(({ variant }) => variant !== undefined);
  const own = sideOf(dataset);
  const compared = columns.filter((name) => own.columns.includes(name));
  const now = variants
    ? rows.flatMap((row, i) => {
        const item = found.get(row.id);
        return item ? [{ row: { ...item, variant: row.variant }, md5: own.rows[i]?.md5 }] : [];
      })
    : [...found].map(([id, row]) => ({ row, md5: md5s.get(id) }));
  const image = (row: Row) => imageOfProduct(aws, row);
  return compare(
    { ...own, columns: compared },
    { name: 'the catalogue now', columns: compared, rows: now },
    { image, gone: items },
  );
}

/** The MD5s of the catalogue's images of a data set's rows; of an image with other bytes, or none, any other text. */
async function md5sNow(
  aws: Aws,
  { rows, manifest }: Dataset,
  items: ReadonlyMap<ProductId, Row>,
  signal: AbortSignal | undefined,
): Promise<Map<ProductId, string | undefined>> {
  const keys = rows.flatMap(({ id }, i) => {
    const key = keyInBucket(aws, items.get(id)?.imagePath);
    return key === undefined ? [] : [{ id, key, md5: manifest.images[i]?.etag }];
  });
  const etags = await readEtags(
    aws,
    keys.map(({ key }) => key),
    signal,
  );
  const md5s = new Map<ProductId, string | undefined>();
  await concurrently(
    keys,
    async ({ id, key, md5 }) => {
      const etag = etags.get(key);
      // Where ETags say nothing of the bytes, as with KMS, the image's metadata does.
      const same = etag === md5 && etag !== undefined && isMd5(etag);
      md5s.set(id, same || etag === undefined ? (etag ?? '') : await md5Of(aws, key, signal));
    },
    { concurrency: imageConcurrency, signal },
  );
  // Where an image is in another bucket, nothing is known of its bytes.
  for (const [i, { id }] of rows.entries()) if (items.has(id) && !md5s.has(id)) md5s.set(id, manifest.images[i]?.etag);
  return md5s;
}
