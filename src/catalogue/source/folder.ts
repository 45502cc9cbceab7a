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

/** How a folder of your own is laid out. */
export interface FolderOptions<P extends Entry = Product> {
  /** Its fields; default: those of the folder's `fields.json`, else the fashion catalogue's. */
  schema?: Schema<P> | undefined;
  /**
   * The file of the rows, as seen from the folder; default `styles.csv`. Columns that are no fields are passed over.
   */
  csv?: string | undefined;
  /** The folder of the images, as seen from the folder; default `images`. */
  images?: string | undefined;
  /** The column of the ids, whole numbers above 0; default `id`. */
  id?: string | undefined;
  /**
   * The column of the images' file names: JPEG, and PNG, WebP and others, which become JPEG. Default: they are called
   * `<id>.jpg`.
   */
  image?: string | undefined;
}

/**
 * The catalogue in a folder: a CSV file and its images. It is laid out as Kaggle's download (`styles.csv` and
 * `images/<id>.jpg`) where neither options nor a file `fields.json` in it, with the same options and the schema's
 * `fields`, `indexes` and `sort`, say otherwise. Rows are streamed.
 *
 * Unquoted commas in a last column `productDisplayName` are joined again; empty and `NA` values are absent; a row with
 * too few columns and a row without an image are left out. Each is told to `onProblem`.
 *
 * @throws PipelineError `source.notADataSet` where the folder lacks the CSV or the images, `source.badFields`,
 * `schema.…`; while rows are read
 * `source.missingColumns`, `source.brokenQuote`, `source.longLine`, `source.badId`, `source.duplicateId`,
 * `source.badYear`, `source.badNumber`.
 *
 * @example
 * const source = await folderSource('data');
 * for await (const product of source.products()) console.log(product.id, product.articleType);
 * await seedCatalogue(aws, await folderSource('my_leaves', { schema: leaves, csv: 'leaves.csv', image: 'photo' }));
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
  } = { ...(options.schema ? {} : await described<P>(folder)), ...options };
  for (const needed of [csv, images]) {
    await access(path.join(folder, needed)).catch((cause: unknown) => {
      throw new PipelineError(
        'source.notADataSet',
        `'${folder}' is not a data set folder: it has no ${needed}. It takes styles.csv and images/<id>.jpg, ` +
          `as Kaggle's download has them, or a fields.json that says what is where.`,
        { value: folder, cause },
      );
    });
  }
  const file: CsvFile = { csv: path.join(folder, csv), schema: schema ?? fashion, id, image };
  const pictures = folderImages(file, path.join(folder, images));
  return {
    name: folder,
    schema,
    products: (signal, onProblem) => readProducts<P>(file, images, pictures, signal, onProblem),
    image: pictures.read,
  };
}

const layout = z.strictObject({
  ...schemaShape.shape,
  csv: z.string().optional(),
  images: z.string().optional(),
  id: z.string().optional(),
  image: z.string().optional(),
});

/** What a folder says of itself in `fields.json`; nothing where it has none. */
async function described<P extends Entry>(folder: string): Promise<FolderOptions<P>> {
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
      `${file}: ${reason} It takes { "fields": { "species": "string", "height": "number" }, "indexes": ` +
        '[["species"]], "csv": "leaves.csv" }.',
      { value: file, cause },
    );
  }
}

async function* readProducts<P extends Entry>(
  file: CsvFile,
  images: string,
  pictures: Pictures,
  signal?: AbortSignal,
  onProblem?: (problem: RowProblem) => void,
): AsyncGenerator<P> {
  const there = await pictures.there();
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
    if (there(row)) yield product;
    else
      onProblem?.({
        line,
        kind: 'without image',
        reason: row.image === '' ? `the column '${file.image}' is empty` : `${images}/${row.image} does not exist`,
      });
  }
}

/** Many small files: by its promises node:fs takes two to three times the processor time for each. */
const readImage = promisify(readFileWithCallback);

/** The images of the rows. */
interface Pictures {
  /** Looks through the folder once, and tells then whether a row has an image. */
  there(): Promise<(row: CsvRow) => boolean>;
  read(id: ProductId): Promise<Uint8Array>;
}

function folderImages(file: CsvFile, folder: string): Pictures {
  if (file.image === undefined) {
    return {
      async there() {
        const ids = await imageIds(folder);
        return ({ product }) => ids.has(product.id);
      },
      read: (id) => readImage(path.join(folder, imageName(id))),
    };
  }
  let names: Promise<Map<ProductId, string>> | undefined;
  return {
    async there() {
      // A name that leads out of the folder is none of these.
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

/** The catalogue keeps JPEG: other images are encoded anew, the same each time. */
async function asJpeg(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return bytes;
  // The functions that read a catalogue but decode no image have no sharp.
  const { decodeImage, encodeJpeg } = await import('../../image/index.js');
  return encodeJpeg(await decodeImage(bytes));
}
