import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Aws } from '../../aws/index.js';
import { messageOf, PipelineError, readText } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { idTypes, type ProductId } from '../id.js';
import { fashion, type Product } from '../product.js';
import { parseSchema, type Schema, schemaShape } from '../schema.js';
import { findImages, type ImagePlace, isWithin, readImage } from './images.js';
import { type ProductFile, type RowListeners, readRows } from './products.js';
import { isS3, s3File, s3Images } from './s3.js';
import type { CatalogueSource } from './source.js';

/**
 * The layout of a folder of your own. All paths are relative to the folder; rows and images may be in S3.
 *
 * @example
 * const options: FolderOptions = { rows: 'leaves.csv', images: 'photos', id: 'number', image: 'photo' };
 */
export interface FolderOptions<P extends Entry = Product> {
  /** The schema of the products; default: as in the folder's `fields.json`, else the fashion catalogue's. */
  schema?: Schema<P> | undefined;
  /**
   * The file of the products: a CSV or, as its name says, JSON Lines (`.jsonl`, `.ndjson`) or Parquet (`.parquet`);
   * default `styles.csv`; in S3, `s3://bucket/rows.parquet`. Columns that are not fields of the schema are ignored.
   */
  rows?: string | undefined;
  /** The folder of the images; default `images`; in S3, `s3://bucket/photos/`. */
  images?: string | undefined;
  /** The clients that read from S3; they need be given only for that. */
  aws?: Aws | undefined;
  /** The column of the ids; default `id`. They are whole numbers above 0, or texts where the schema says so. */
  id?: string | undefined;
  /**
   * The column of the images' file names, as seen from the folder of the images, the data set or the CSV. Default: no
   * column; a file is called as the id is, such as `<id>.jpg` or `<id>.png`.
   */
  image?: string | undefined;
  /** Texts that stand for a missing value, as the empty text always does; default: `NA` in the fashion catalogue. */
  missing?: readonly string[] | undefined;
  /** What stands between the texts of a field of the type `string[]`; default `|`. */
  listSeparator?: string | undefined;
  /**
   * The encoding of the CSV, as browsers name it: `windows-1252`, `shift_jis`; default: as its byte order mark says,
   * else UTF-8.
   */
  encoding?: string | undefined;
  /** Stop at the first row that makes no sense, instead of leaving it out; default false. */
  strict?: boolean | undefined;
  /** Take files outside of the folder, to which links or `fields.json` lead; default false. */
  followLinks?: boolean | undefined;
}

/**
 * Opens a folder with a file of rows (CSV, JSON Lines or Parquet) and images as the source of a catalogue. Its layout
 * is that of Kaggle's download (`styles.csv` and `images/<id>.jpg`) unless the options say otherwise, or a file
 * `fields.json` in the folder, which has the same options and the schema's `fields`, `indexes`, `sort`, and its `id` as
 * `idType`. Rows are streamed, of Parquet a row group at a time.
 *
 * Missing values become absent fields. A row that makes no sense (a number that is none, an id that comes twice, too
 * few columns, a quote without an end) or has no image is left out. The separator is the one that the header has: a
 * comma, a semicolon, a tab or `|`. All this is reported to `onProblem` and `onFacts` of `CatalogueSource.products`.
 *
 * @param folder The path of the folder.
 * @throws PipelineError `source.notADataSet` where the CSV or the folder of images does not exist, `source.outside`
 * where it is outside of the folder; `source.badFields` where `fields.json` is wrong; of S3 `source.noFile`,
 * `source.badAddress`, `source.noClients`, `aws.denied`, `aws.otherRegion`. While products are read:
 * `source.missingColumns`, `source.sameColumns`, `text.badEncoding`, `text.unknownEncoding`; `source.tooManyProblems`
 * where more than a tenth of the rows (and ten) make no sense, or the first such row's own error where `strict` is set.
 *
 * @example
 * const source = await folderSource('data');
 * for await (const product of source.products()) console.log(product.id, product.articleType);
 *
 * @example
 * const leaves = defineSchema({ fields: { species: 'string' }, indexes: [['species']] });
 * const own = await folderSource('my_leaves', { schema: leaves, rows: 'leaves.csv', image: 'photo' });
 * await seedCatalogue(clients({ table: 'Leaves', bucket: 'my-leaves' }), own);
 *
 * @example
 * const aws = clients();
 * const there = { rows: 's3://our-data/leaves.parquet', images: 's3://our-data/photos/', aws };
 * await seedCatalogue(aws, await folderSource('my_leaves', there)); // my_leaves has but a fields.json
 */
export async function folderSource<P extends Entry = Product>(
  folder: string,
  options: FolderOptions<P> = {},
): Promise<CatalogueSource<P>> {
  const described: FolderOptions<P> = options.schema ? {} : await readLayout<P>(folder);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const {
    schema,
    rows = 'styles.csv',
    images = 'images',
    id = 'id',
    image,
    encoding,
    ...rest
  } = { ...described, ...given };
  const { missing = schema ? [] : ['NA'], listSeparator = '|', strict = false, followLinks = false } = rest;
  if (!followLinks) checkOwn(described, options, folder);
  const place: ImagePlace = {
    root: folder,
    images: isS3(images) ? images.replace(/\/$/, '') : images,
    rows,
    column: image,
    idType: schema?.id ?? 'number',
    followLinks,
  };
  for (const needed of [rows, images]) if (!isS3(needed)) await checkPlace(place, needed);
  const bytes = isS3(rows) ? await s3File(clientsFor(rows, options.aws), rows) : undefined;
  if (isS3(images)) place.files = await s3Images(clientsFor(images, options.aws), images);
  const file: ProductFile = {
    file: bytes ? rows : path.join(folder, rows),
    bytes,
    schema: schema ?? fashion,
    id,
    image,
    missing,
    listSeparator,
    encoding,
    strict,
  };

  /** The images of the products that were read, where a column names them. */
  const found = new Map<ProductId, string>();
  let finding: ReturnType<typeof findImages> | undefined;
  let allFound: Promise<void> | undefined;
  async function* products(signal?: AbortSignal, listeners: RowListeners = {}): AsyncGenerator<P> {
    finding = findImages(place);
    const find = await finding;
    for await (const { line, product, image: name } of readRows<P>(file, signal, listeners)) {
      const one = find(product.id, name);
      if ('file' in one) {
        if (image !== undefined) found.set(product.id, one.file);
        yield product;
      } else listeners.onProblem?.({ line, kind: 'without image', ...one });
    }
  }
  async function findAll(): Promise<void> {
    for await (const _ of products());
  }
  return {
    name: bytes ? rows : folder,
    schema,
    products: (signal, onProblem, onFacts) => products(signal, { onProblem, onFacts }),
    async image(id) {
      if (image !== undefined && !found.has(id)) await (allFound ??= findAll());
      const one = (await (finding ??= findImages(place)))(id, found.get(id) ?? '');
      if ('reason' in one) throw new PipelineError(one.code, `${one.reason}.`, { value: id });
      return readImage(place, one.file);
    },
  };
}

/** Checks that the file of the rows or the folder of the images is there, and in the folder of the data set. */
async function checkPlace({ root, rows, followLinks }: ImagePlace, needed: string): Promise<void> {
  const at = path.join(root, needed);
  const real = await realpath(at).catch((cause: unknown) => {
    throw new PipelineError(
      'source.notADataSet',
      `'${root}' is not a data set folder: it has no ${needed}. It needs styles.csv and images/<id>.jpg, ` +
        `as in Kaggle's download, or a fields.json that names its files.`,
      { value: root, cause },
    );
  });
  const facts = await stat(real);
  if (needed === rows ? !facts.isFile() : !facts.isDirectory())
    throw new PipelineError('source.notADataSet', `${at} is not a ${needed === rows ? 'file' : 'folder'}.`, {
      value: at,
    });
  if (!followLinks && !isWithin(real, await realpath(root))) throw outside(at, real, root);
}

/** A folder that somebody else has made may not say what of a person's own account is read. */
type Places = Pick<FolderOptions, 'rows' | 'images'>;
function checkOwn(described: Places, given: Places, folder: string): void {
  for (const name of ['rows', 'images'] as const) {
    const place = described[name] ?? '';
    if (given[name] === undefined && isS3(place)) throw outside(`${name} of ${folder}/fields.json`, place, folder);
  }
}

const outside = (at: string, real: string, root: string): PipelineError =>
  new PipelineError(
    'source.outside',
    `${at} is ${real}, outside of the folder '${root}'. If that is meant, say --follow-links (followLinks).`,
    { value: real },
  );

function clientsFor(place: string, aws: Aws | undefined): Aws {
  if (aws) return aws;
  throw new PipelineError('source.noClients', `To read ${place}, give the clients: { aws: clients() }.`, {
    value: place,
  });
}

const shape = z.strictObject({
  ...schemaShape.shape,
  rows: z.string().optional(),
  images: z.string().optional(),
  id: z.string().optional(),
  idType: z.enum(idTypes).optional(),
  image: z.string().optional(),
  missing: z.array(z.string()).optional(),
  listSeparator: z.string().min(1).optional(),
  encoding: z.string().optional(),
});

/** The layout that a folder's `fields.json` describes; empty where there is no such file. */
async function readLayout<P extends Entry>(folder: string): Promise<FolderOptions<P>> {
  const file = path.join(folder, 'fields.json');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  return isThere ? readFields(file) : {};
}

/**
 * The schema that a `fields.json` has.
 *
 * @throws PipelineError `source.badFields` where it is wrong or does not exist.
 */
export async function readSchemaFile(file: string): Promise<Schema> {
  return (await readFields<Entry>(file)).schema;
}

async function readFields<P extends Entry>(file: string): Promise<FolderOptions<P> & { schema: Schema<P> }> {
  try {
    if (!(await stat(file)).isFile()) throw new Error('It is not a file.');
    const { fields, indexes, sort, layout, idType, ...places } = shape.parse(JSON.parse(await readText(file)));
    return { ...places, schema: parseSchema<P>({ id: idType, fields, indexes, sort, layout }) };
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new PipelineError(
      'source.badFields',
      `${file}: ${reason} It should look like { "fields": { "species": "string", "height": "number" }, "indexes": ` +
        '[["species"]], "rows": "leaves.csv" }.',
      { value: file, cause },
    );
  }
}
