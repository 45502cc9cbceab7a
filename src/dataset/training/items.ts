import { createHash } from 'node:crypto';
import { isMd5 } from '../../aws/index.js';
import { fileName, type ProductId } from '../../catalogue/index.js';
import { didYouMean, PipelineError } from '../../work/index.js';
import type { Manifest } from '../manifest.js';
import type { ImageRecord } from '../part.js';
import type { Row } from '../row.js';
import { splitColumn } from '../split/index.js';
import { labelNames } from './label-name.js';

/**
 * What can be written: a data set, as far as that takes.
 *
 * @example
 * const augmented: Writable = await pipeline.augment(shoes, [horizontalFlip()]);
 * await shoes.write('webdataset', 'out/shoes', { augmented });
 */
export interface Writable {
  readonly folder: string;
  readonly uri: string;
  readonly rows: readonly Row[];
  readonly manifest: Manifest;
  /** How it was chosen, where it is a view. */
  readonly view?: { readonly rule: string } | undefined;
  image(row: Row, signal?: AbortSignal): Promise<Uint8Array>;
}

/** What is joined to the rows of a data set, and how they are told apart. */
export interface Selection {
  label?: string | undefined;
  augmented?: Writable | undefined;
  predictions?: Writable | undefined;
}

/** A row to be written, and the image that goes with it. */
export interface Item {
  readonly id: ProductId;
  readonly row: Row;
  /** The side of a split that it is on; undefined where there is no split. */
  readonly side: string | undefined;
  /** Its label as a text, where one is asked for and it has one. */
  readonly label: string | undefined;
  /** The name of its label's folder. */
  readonly labelFolder: string | undefined;
  /** The name of its image, without the extension: no other has it. */
  readonly name: string;
  /** With its dot. */
  readonly extension: string;
  /** The MD5 of its image in hex, where it is known. */
  readonly md5: string | undefined;
  /** What the manifest of its data set says of the image. */
  readonly record: ImageRecord | undefined;
  /** The encoded image. */
  readonly image: (signal: AbortSignal | undefined) => Promise<Uint8Array>;
}

/** The side that augmented images belong to. */
export const trainingSide = 'train';

/**
 * The rows of a data set, with predictions as columns and augmented images of its training side where those are given:
 * the sides one after the other, each in the order of its rows.
 *
 * @throws PipelineError `write.noField` where the label is no field; `write.noTrainingSide` where there are augmented
 * images and sides, but none is called `train`; `write.noSide` where some rows are on a side and others on none.
 */
export function itemsOf(source: Writable, { label: field, augmented, predictions }: Selection = {}): Item[] {
  const predicted = new Map(predictions?.rows.map((row) => [row.imagePath, row]));
  const columns = [...new Set(predictions?.rows.flatMap((row) => Object.keys(row)))];
  const added = columns.filter((name) => /(Predicted|Confidence)$/.test(name));
  const withPredictions = (row: Row): Row => ({
    ...row,
    ...Object.fromEntries(added.map((name) => [name, predicted.get(row.imagePath)?.[name] ?? null])),
  });
  const rows = predictions ? source.rows.map(withPredictions) : source.rows;
  if (field !== undefined) checkLabel(rows, field);
  const labelOf = (row: Row) => (field === undefined ? undefined : labelText(row[field]));
  const folders = labelNames([...rows, ...(augmented?.rows ?? [])].flatMap((row) => labelOf(row) ?? []));
  const sides = sidesOf(source, rows);
  const names = new Set<string>();
  const itemOf = (of: Writable, row: Row, i: number, side: string | undefined): Item => {
    const { base, extension } = nameParts(row.imagePath);
    const record = of.manifest.images[i];
    const label = labelOf(row);
    return {
      id: row.id,
      row,
      side,
      label,
      labelFolder: label === undefined ? undefined : folders.get(label),
      name: unique(base, names),
      extension,
      md5: record && isMd5(record.etag) ? record.etag : undefined,
      record,
      image: (signal) => of.image(row, signal),
    };
  };
  const own = rows.map((row, i) => itemOf(source, row, i, sides[i]));
  const variants = augmented
    ? variantsOf(own, augmented).map(({ row, i, side }) => itemOf(augmented, row, i, side))
    : [];
  const order = sideOrder(own.map(({ side }) => side));
  return order.flatMap((side) => [...own, ...variants].filter((item) => item.side === side));
}

/** The sides in the order in which people name them; those of other names after them. */
function sideOrder(sides: readonly (string | undefined)[]): (string | undefined)[] {
  const usual = ['train', 'training', 'validation', 'val', 'test'];
  const placeOf = (side: string | undefined) => (usual.indexOf(side ?? '') + usual.length + 1) % (usual.length + 1);
  return [...new Set(sides)].sort((a = '', b = '') => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
}

/** The side of each row; of none where the rows have no column of sides. */
function sidesOf({ uri }: Writable, rows: readonly Row[]): (string | undefined)[] {
  const sides = rows.map((row) => row[splitColumn] ?? undefined);
  if (sides.every((side) => side === undefined)) return [];
  const i = sides.findIndex((side) => typeof side !== 'string' || !/^[A-Za-z][\w-]{0,49}$/.test(side));
  if (i < 0) return sides as string[];
  throw new PipelineError(
    'write.noSide',
    `The row of product ${rows[i]?.id} of ${uri} has ${JSON.stringify(sides[i] ?? null)} in its column ` +
      `'${splitColumn}', which is the name of no side. Make the split with dataset.split, and write its 'all'.`,
    { value: sides[i] },
  );
}

/** The augmented images of products that are on the training side, and on no other. */
function variantsOf(own: readonly Item[], augmented: Writable): { row: Row; i: number; side: string | undefined }[] {
  const isSplit = own.some(({ side }) => side !== undefined);
  const training = new Set(own.flatMap(({ id, side }) => (!isSplit || side === trainingSide ? id : [])));
  if (isSplit && own.length > 0 && training.size === 0)
    throw new PipelineError(
      'write.noTrainingSide',
      `Augmented images go to the side '${trainingSide}', and there is none: the sides are ` +
        `${sideOrder(own.map(({ side }) => side)).join(', ')}. Name one of them '${trainingSide}'.`,
      { value: augmented.folder },
    );
  for (const { id, side } of own) if (isSplit && side !== trainingSide) training.delete(id);
  const side = isSplit ? trainingSide : undefined;
  return augmented.rows.flatMap((row, i) =>
    training.has(row.id) ? [{ row: side === undefined ? row : { ...row, [splitColumn]: side }, i, side }] : [],
  );
}

function checkLabel(rows: readonly Row[], label: string): void {
  const known = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const list = rows.find((row) => typeof row[label] === 'object' && row[label] !== null);
  if (rows.length === 0 || (known.includes(label) && !list)) return;
  throw new PipelineError(
    'write.noField',
    list
      ? `'${label}' has several values in a row (product ${list.id}), and a label is one. Choose another field.`
      : `The rows have no field '${label}' for a label.${didYouMean(label, known)} They have ${known.join(', ')}.`,
    { value: label },
  );
}

/** A label as a text; none where the field has no value or an empty one. */
const labelText = (value: unknown): string | undefined =>
  value === null || value === undefined || String(value).trim() === '' ? undefined : String(value);

/** The name of an image's file and its extension, as they are in its path. */
function nameParts(imagePath: string): { base: string; extension: string } {
  const file = imagePath.slice(imagePath.lastIndexOf('/') + 1);
  const [, base = file, extension = ''] = /^(.+?)(\.[a-z0-9]{1,5})?$/i.exec(file) ?? [];
  return {
    base: /^[\w!~-][\w!~.-]{0,220}$/.test(base) ? base : fileName(base),
    extension: extension.toLowerCase() || '.img',
  };
}

/** The name, with a number where another has it already. */
function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}~${n}`;
  taken.add(free);
  return free;
}

/** A digest of what is to be written, and how: the rows, their images, their sides and names. */
export function digestOfItems(items: readonly Item[], how: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(how));
  for (const { row, side, name, extension, md5 } of items)
    hash.update(`${JSON.stringify([row, side, name, extension, md5])}\n`);
  return hash.digest('hex');
}
