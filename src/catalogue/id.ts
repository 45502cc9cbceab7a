import { z } from 'zod';
import { imageExtensions, imageFormats } from '../image/index.js';
import { PipelineError } from '../work/index.js';
import { textFileName, textOfFileName } from './id-file-name.js';

/** The id of a product: a whole number above 0 of up to 15 digits, or a text of 1 to 200 characters: see `Schema`. */
export type ProductId = number | string;

/** The types that ids can have. */
export const idTypes = ['number', 'string'] as const;
/** The type of a catalogue's ids: whole numbers, or texts that are kept letter by letter. */
export type IdType = (typeof idTypes)[number];

/** The most characters of an id. */
const mostCharacters = 200;

/** An id in JSON: in manifests, metadata and messages. */
export const idSchema: z.ZodType<ProductId> = z.union([
  z.int().positive(),
  z.string().refine((text) => textIdFault(text) === undefined, 'no id: 1 to 200 characters of valid Unicode'),
]);

/** Why a text cannot be an id, to follow its name: `is empty`; undefined where it can. */
export function textIdFault(text: string): string | undefined {
  if (text.trim() === '') return 'is empty';
  if (/\p{Surrogate}/u.test(text)) return 'is no valid text: it has half of a character of UTF-16';
  const characters = text.length > mostCharacters ? [...text].length : text.length;
  return characters > mostCharacters
    ? `has ${characters} characters, of which an id has ${mostCharacters} at most`
    : undefined;
}

/** The whole number above 0 that a text stands for as an id; undefined where it is none. */
export const parseId = (text: string): number | undefined => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined);

/**
 * Checks the id of a product that a program gives.
 *
 * @throws PipelineError `source.badId` where it is none, or not of the catalogue's type.
 */
export function checkId(id: ProductId, type: IdType = 'number'): void {
  const fault =
    typeof id !== type
      ? `is a ${typeof id}; the ids of this catalogue are of the type ${type}`
      : typeof id === 'string'
        ? textIdFault(id)
        : Number.isSafeInteger(id) && parseId(String(id)) === id
          ? undefined
          : 'is not a whole number above 0 of up to 15 digits';
  if (fault) throw new PipelineError('source.badId', `The id ${JSON.stringify(id)} ${fault}.`, { value: id });
}

/** The order of products wherever they are listed, for `sort`: numbers by their size, texts by their characters. */
export function byId({ id: a }: { readonly id: ProductId }, { id: b }: { readonly id: ProductId }): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** An id as an attribute of DynamoDB, and the type of that attribute. */
export const idAttribute = (id: ProductId): { N: string } | { S: string } =>
  typeof id === 'number' ? { N: String(id) } : { S: id };
export const idAttributeTypes = { number: 'N', string: 'S' } as const satisfies Record<IdType, string>;

/** A text that sorts as its id does, for the sort keys of indexes. */
export const idSortText = (id: ProductId): string => (typeof id === 'number' ? String(id).padStart(10, '0') : id);

/** The name of a product's files without an extension: `15970`, `!jk-0815`. */
export const fileName = (id: ProductId): string => (typeof id === 'number' ? String(id) : textFileName(id));

/** The file of a product's image in a folder of images: `15970.jpg`. */
export const imageName = (id: ProductId, extension: string = imageFormats.jpeg.extension): string =>
  `${fileName(id)}.${extension}`;

/** The end of the name of an image's file. */
const ending = new RegExp(`\\.(${imageExtensions.join('|')})$`);

/** The extension of an image's file or key, without its dot; undefined where it is none that the kit gives. */
export const extensionOf = (file: string): string | undefined => ending.exec(file)?.[1];

/**
 * The id of the product whose image has this file name; undefined where no product's has, or the id is so long that
 * its file's name has but a digest of it (see `textFileName`). It is the inverse of `imageName`, so `0015970.jpg` is no
 * number's: the image of 15970 is read from `15970.jpg`.
 */
export function idOfImageName(name: string, type: IdType = 'number'): ProductId | undefined {
  if (extensionOf(name) === undefined) return undefined;
  const text = name.replace(ending, '');
  return type === 'number' ? parseId(text) : textOfFileName(text);
}

/** The folder of images, in the bucket of a catalogue and within each exported folder. */
export const imagesPrefix = 'images/';

/** The key of a product's image, in the bucket of a catalogue and within each exported folder: `images/15970.jpg`. */
export const imageKey = (id: ProductId, extension?: string): string => `${imagesPrefix}${imageName(id, extension)}`;

/** The keys that a product's image may have: one for each format. */
export const imageKeys = (id: ProductId): string[] => imageExtensions.map((extension) => imageKey(id, extension));

/** The id of the product whose image has this key; undefined as `idOfImageName` says. Inverse of `imageKey`. */
export const idOfImageKey = (key: string, type: IdType = 'number'): ProductId | undefined =>
  key.startsWith(imagesPrefix) ? idOfImageName(key.slice(imagesPrefix.length), type) : undefined;

/** The key of a variant of an image within an augmented folder: `images/15970_0.jpg` for `images/15970.png`. */
export const variantKey = (
  imageKey: string,
  variant: number,
  extension: string = imageFormats.jpeg.extension,
): string => `${imagesPrefix}${baseName(imageKey)}_${variant}.${extension}`;

/** Those of all variants of an image. */
export const variantKeys = (imageKey: string, variants: number, extension?: string): string[] =>
  Array.from({ length: variants }, (_, variant) => variantKey(imageKey, variant, extension));

/** The key of an image without its extension. */
export const stemOf = (imageKey: string): string => imageKey.replace(ending, '');

/** The name of an image's file without its extension: a product's file name, or that of a variant. */
export const baseName = (imageKey: string): string => stemOf(imageKey.slice(imageKey.lastIndexOf('/') + 1));
