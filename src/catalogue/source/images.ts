import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  open as openWithCallback,
  read as readWithCallback,
} from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { imageFormats } from '../../image/index.js';
import { count, PipelineError } from '../../work/index.js';
import { fileName, type IdType, idOfImageName, imageName, type ProductId } from '../id.js';
import { IdNumbers } from './id-numbers.js';
import { wholeNumber } from './ids-and-years.js';

/** Where the images of a data set are. */
export interface ImagePlace {
  /** The folder of the data set. */
  root: string;
  /** The folder of the images, as seen from `root`. */
  images: string;
  /** The file of the rows, as seen from `root`. */
  rows: string;
  /** The column of the images' names; undefined where they are found by the id. */
  column: string | undefined;
  /** What the ids of the rows are. */
  idType: IdType;
  /** Whether links may lead out of `root`. */
  followLinks: boolean;
  /** Where they are, if not on the disk. */
  files?: ImageFiles | undefined;
}

/** Images, by their names. */
export interface ImageFiles {
  /** Their names, and why one cannot be read. */
  list(): AsyncIterable<{ name: string; fault?: string | undefined }>;
  read(name: string): Promise<Uint8Array>;
  /** What a name in the file of the rows can mean here. */
  within(name: string): string[];
}

/** The image of a row: its file, as seen from the folder of the images, or why there is none. */
export type FoundImage = { file: string } | { code: string; reason: string };

/** The functions of node:fs/promises take two to three times the processor time for a small file. */
const [open, readInto] = [promisify(openWithCallback), promisify(readWithCallback)];
/** Opening what is no file, but waits for a writer, does not wait; Windows has neither. */
const toRead = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file that is larger, in bytes, is no image. */
export const largestImage = 256 * 1024 * 1024;

/** Extensions of images: those of the formats that are kept, and of others. */
const extensions = Object.values(imageFormats).flatMap(({ extension, spellings }) => [extension, ...spellings]);
const endings = new RegExp(`\\.(${[...extensions, 'heic', 'heif', 'bmp'].join('|')})$`, 'i');

/** Reads the file of a product's image, whatever it is. */
export const readImage = (place: ImagePlace, file: string): Promise<Uint8Array> =>
  (place.files ?? onDisk(place)).read(file);

/** What may wait for the disk, opening and reading, waits beside others; the rest is quicker done than waited for. */
async function readFromDisk(name: string): Promise<Uint8Array> {
  const fd = await open(name, toRead);
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) throw new PipelineError('image.unreadable', `${name} is not a file.`, { value: name });
    if (facts.size > largestImage)
      throw new PipelineError(
        'image.unreadable',
        `${name} has ${count(facts.size)} bytes; an image has ${count(largestImage)} at most.`,
        { value: name },
      );
    const bytes = Buffer.allocUnsafe(facts.size);
    let [length, last] = [0, -1];
    for (; last !== 0 && length < bytes.length; length += last)
      last = (await readInto(fd, bytes, length, bytes.length - length, length)).bytesRead;
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** The images of a folder on the disk. */
function onDisk(place: ImagePlace): ImageFiles {
  const folder = path.join(place.root, place.images);
  return {
    async *list() {
      const home = await realpath(place.root);
      for await (const { name, entry } of filesIn(folder))
        yield { name, fault: entry.isFile() ? undefined : await faultOf(path.join(folder, name), place, home) };
    },
    read: (name) => readFromDisk(path.join(folder, name)),
    within: (name) => namesWithin(name, place),
  };
}

/**
 * Lists the folder of the images; returns a function that finds the image of a row: by its name where the CSV has a
 * column of names, as written or else however it is spelled, and by its id where not.
 */
export async function findImages(place: ImagePlace): Promise<(id: ProductId, name: string) => FoundImage> {
  const source = place.files ?? onDisk(place);
  /** Images called `<id>.jpg`, where they are found by the id: they take 8 bytes each. */
  const ids = new IdNumbers();
  const files = new Set<string>();
  const faults = new Map<string, string>();
  for await (const { name, fault } of source.list()) {
    const id = place.column === undefined && place.idType === 'number' ? idOfImageName(name) : undefined;
    if (fault !== undefined) faults.set(name, fault);
    else if (id !== undefined && imageName(id) === name) ids.set(id, 1);
    else files.add(name);
  }
  const { column, images } = place;
  const bad = (name: string): FoundImage | undefined => {
    const fault = faults.get(name);
    return fault === undefined ? undefined : { code: 'source.badImage', reason: `${images}/${name} ${fault}` };
  };
  const none = (name: string): FoundImage => ({ code: 'source.noImage', reason: `${images}/${name} does not exist` });
  const only = ([file, other]: readonly string[] = []): FoundImage | undefined => {
    if (file === undefined || other === undefined) return file === undefined ? undefined : { file };
    const reason = `${images}/${file} and ${images}/${other} may both be its image`;
    return { code: 'source.severalImages', reason };
  };

  let byKey: Map<string, string[]> | undefined;
  if (column === undefined) {
    const keyOf = (file: string) => {
      const { name } = path.parse(file);
      return !endings.test(file) ? '' : place.idType === 'string' ? name : String(wholeNumber(name) ?? '');
    };
    return (id) => {
      const name = imageName(id);
      if (ids.has(id)) return { file: name };
      // A text may have its file under its own name, or under the one that the kit gives to files.
      const names = [`${id}.jpg`, name];
      const exact = names.find((each) => files.has(each));
      if (exact !== undefined) return { file: exact };
      byKey ??= keyed(files, keyOf);
      return bad(name) ?? only(byKey.get(String(id)) ?? byKey.get(fileName(id))) ?? none(`${id}.jpg`);
    };
  }
  return (_, name) => {
    if (name === '') return { code: 'source.noImageName', reason: `the column '${column}' is empty` };
    if (files.has(name)) return { file: name };
    byKey ??= keyed(files, spelling);
    const candidates = source.within(name);
    for (const candidate of candidates) {
      const found =
        (files.has(candidate) ? { file: candidate } : bad(candidate)) ?? only(byKey.get(spelling(candidate)));
      if (found) return found;
    }
    return candidates.length > 0
      ? none(name)
      : { code: 'source.imageOutside', reason: `${images}/${name} is outside of the folder ${images}` };
  };
}

/** A file name without what differs between systems: upper case, and how accents are encoded. */
const spelling = (file: string): string => file.normalize('NFC').toLowerCase();

/** The names of files, by a key that several may share. */
function keyed(files: Iterable<string>, keyOf: (file: string) => string): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const file of files) {
    const key = keyOf(file);
    const before = map.get(key);
    if (before) before.push(file);
    else map.set(key, [file]);
  }
  return map;
}

/**
 * What a name in the CSV can mean within the folder of the images: it may be as seen from there, from the folder of the
 * data set or from that of the CSV, whole, and with the separators of Windows.
 */
function namesWithin(name: string, { root, images, rows }: ImagePlace): string[] {
  const folder = path.resolve(path.join(root, images));
  const bases = [folder, root, path.join(root, path.dirname(rows))];
  const names = [name, name.replaceAll('\\', '/')].flatMap((spelled) =>
    bases.map((base) => path.relative(folder, path.resolve(base, spelled)).split(path.sep).join('/')),
  );
  return [...new Set(names)].filter((each) => each !== '' && each !== '..' && !each.startsWith('../'));
}

/** Why what is no plain file cannot be an image; undefined where a link leads to a file. */
async function faultOf(name: string, { followLinks }: ImagePlace, home: string): Promise<string | undefined> {
  const facts = await stat(name).catch(() => undefined);
  if (facts === undefined) return 'is a link to nothing';
  if (!followLinks && !isWithin(await realpath(name), home))
    return 'is a link out of the folder of the data set: say --follow-links (followLinks) to take it';
  return facts.isFile() ? undefined : 'is not a file';
}

/** Whether a path is that of a folder or in it. */
export const isWithin = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);

/** The files in a folder and the folders in it; other folders that links lead to are not looked into. */
async function* filesIn(folder: string, under = ''): AsyncGenerator<{ name: string; entry: Dirent }> {
  for await (const entry of await opendir(path.join(folder, under), { bufferSize: 1024 })) {
    const name = `${under}${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(folder, `${name}/`);
    else yield { name, entry };
  }
}
