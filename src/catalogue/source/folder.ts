import { readFile as readFileWithCallback } from 'node:fs';
import { access, opendir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { messageOf, PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { idOfImageName, imageName, type ProductId } from '../id.js';
import { fashion, type Product } from '../product.js';
import { parseSchema, type Schema, schemaShape } from '../schema.js';
import { type CsvFile, type CsvRow, readRows } from './csv.js';
import { IdNumbers } from './id-numbers.js';
import type { CatalogueSource, RowProblem } from './source.js';

/**
 * The layout of a folder of your own. All paths are relative to the folder.
 *
 * @example
 * const options: FolderOptions = { csv: 'leaves.csv', images: 'photos', id: 'number', image: 'photo' };
 */
export interface FolderOptions<P extends Entry = Product> {
  /** The schema of the products; default: as in the folder's `fields.json`, else the fashion catalogue's. */
  schema?: Schema<P> | undefined;
  /** The CSV file of the products; default `styles.csv`. Columns that are not fields of the schema are ignored. */
  csv?: string | undefined;
  /** The folder of the images; default `images`. */
  images?: string | undefined;
  /** The column of the ids, whole numbers above 0; default `id`. */
  id?: string | undefined;
  /**
   * The column of the images' file names, relative to the folder of the images. Images that are not JPEG (PNG, WebP and
   * others) are converted to JPEG. Default: no column; the files are `<id>.jpg`.
   */
  image?: string | undefined;
}

/**
 * Opens a folder with a CSV file and images as the source of a catalogue. Its layout is that of Kaggle's download
 * (`styles.csv` and `images/<id>.jpg`) unless the options say otherwise, or a file `fields.json` in the folder, which
 * has the same options and the schema's `fields`, `indexes` and `sort`. Rows are streamed.
 *
 * Empty values and `NA` become absent fields. A row with commas but no quotes in a last column `productDisplayName` is
 * repaired; rows with too few columns and rows without an image are left out. Each of these is reported to `onProblem`
 * of `CatalogueSource.products`.
 *
 * @param folder The path of the folder.
 * @throws PipelineError `source.notADataSet` where the CSV or the folder of images does not exist; `source.badFields`
 * where `fields.json` is wrong. While products are read: `source.missingColumns`, `source.brokenQuote`,
 * `source.longLine`, `source.badId`, `source.duplicateId`, `source.badYear`, `source.badNumber`.
 *
 * @example
 * const source = await folderSource('data');
 * for await (const product of source.products()) console.log(product.id, product.articleType);
 *
 * @example
 * const leaves = defineSchema({ fields: { species: 'string' }, indexes: [['species']] });
 * const own = await folderSource('my_leaves', { schema: leaves, csv: 'leaves.csv', image: 'photo' });
 * await seedCatalogue(clients({ table: 'Leaves', bucket: 'my-leaves' }), own);
 */
export async function folderSource<P extends Entry = Product>(
  folder: string,
  options: FolderOptions<P> = {},
): Promise<CatalogueSource<P>> {
  const {
    schema,
    csv = 'styles.csv',
    images = 'images',
    id = 'id',
    image,
  } = { ...(options.schema ? {} : await readLayout<P>(folder)), ...options };
  for (const needed of [csv, images]) {
    await access(path.join(folder, needed)).catch((cause: unknown) => {
      throw new PipelineError(
        'source.notADataSet',
        `'${folder}' is not a data set folder: it has no ${needed}. It needs styles.csv and images/<id>.jpg, ` +
          `as in Kaggle's download, or a fields.json that names its files.`,
        { value: folder, cause },
      );
    });
  }
  const file: CsvFile = { csv: path.join(folder, csv), schema: schema ?? fashion, id, image };
  const files = folderImages(file, path.join(folder, images));
  return {
    name: folder,
    schema,
    products: (signal, onProblem) => readProducts<P>(file, images, files, signal, onProblem),
    image: files.read,
  };
}

const layout = z.strictObject({
  ...schemaShape.shape,
  csv: z.string().optional(),
  images: z.string().optional(),
  id: z.string().optional(),
  image: z.string().optional(),
});

/** The layout that a folder's `fields.json` describes; empty where there is no such file. */
async function readLayout<P extends Entry>(folder: string): Promise<FolderOptions<P>> {
  const file = path.join(folder, 'fields.json');
  try {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return {};
    const { csv, images, id, image, ...definition } = layout.parse(JSON.parse(text));
    return { csv, images, id, image, schema: parseSchema<P>(definition) };
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new PipelineError(
      'source.badFields',
      `${file}: ${reason} It should look like { "fields": { "species": "string", "height": "number" }, "indexes": ` +
        '[["species"]], "csv": "leaves.csv" }.',
      { value: file, cause },
    );
  }
}

async function* readProducts<P extends Entry>(
  file: CsvFile,
  images: string,
  files: FolderImages,
  signal?: AbortSignal,
  onProblem?: (problem: RowProblem) => void,
): AsyncGenerator<P> {
  const hasImage = await files.find();
  const seenAt = new IdNumbers();
  for await (const row of readRows<P>(file, signal, onProblem)) {
    const { line, product } = row;
    if (seenAt.has(product.id)) {
      throw new PipelineError(
        'source.duplicateId',
        `${file.csv}:${line}: the id ${product.id} is in line ${seenAt.get(product.id)} already. Remove one ` +
          'of the two rows.',
        { value: product.id },
      );
    }
    seenAt.set(product.id, line);
    if (hasImage(row)) yield product;
    else
      onProblem?.({
        line,
        kind: 'without image',
        reason: row.image === '' ? `the column '${file.image}' is empty` : `${images}/${row.image} does not exist`,
      });
  }
}

/** The functions of node:fs/promises take two to three times the processor time for a small file. */
const readImage = promisify(readFileWithCallback);

/** The folder of the images. */
interface FolderImages {
  /** Lists the folder; returns a function that says whether the image of a row exists. */
  find(): Promise<(row: CsvRow) => boolean>;
  read(id: ProductId): Promise<Uint8Array>;
}

function folderImages(file: CsvFile, folder: string): FolderImages {
  if (file.image === undefined) {
    return {
      async find() {
        const ids = await imageIds(folder);
        return ({ product }) => ids.has(product.id);
      },
      read: (id) => readImage(path.join(folder, imageName(id))),
    };
  }
  let names: Promise<Map<ProductId, string>> | undefined;
  return {
    async find() {
      // Names that lead out of the folder are never in this set.
      const files = new Set(await readdir(folder, { recursive: true }));
      return ({ image }) => files.has(image);
    },
    async read(id) {
      names ??= imageNames(file);
      return asJpeg(await readImage(path.join(folder, (await names).get(id) ?? imageName(id))));
    },
  };
}

async function imageIds(folder: string): Promise<IdNumbers> {
  const ids = new IdNumbers();
  for await (const file of await opendir(folder, { bufferSize: 1024 })) {
    const id = idOfImageName(file.name);
    if (id !== undefined) ids.set(id, 1);
  }
  return ids;
}

/** The file names of the images, by the rows' ids. */
async function imageNames(file: CsvFile): Promise<Map<ProductId, string>> {
  const names = new Map<ProductId, string>();
  for await (const { product, image } of readRows(file)) names.set(product.id, image);
  return names;
}

/** The catalogue's images are JPEG: others are converted, to the same bytes each time. */
async function asJpeg(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return bytes;
  // The Lambda functions that read a catalogue but decode no image are deployed without sharp.
  const { decodeImage, encodeJpeg } = await import('../../image/index.js');
  return encodeJpeg(await decodeImage(bytes));
}
