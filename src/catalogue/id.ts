import { z } from 'zod';

/** The id of a product: a whole number above 0, of up to 15 digits. */
export type ProductId = number;

/** An id in JSON: in manifests, metadata and messages. */
export const idSchema: z.ZodType<ProductId> = z.int().positive();

/** The id that a text of a CSV or a command line stands for; undefined where it is not an id. */
export const parseId = (text: string): ProductId | undefined =>
  /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;

/** The order of products wherever they are listed, for `sort`. */
export const byId = (a: { readonly id: ProductId }, b: { readonly id: ProductId }): number => a.id - b.id;

/** An id as an attribute of DynamoDB, and the type of that attribute. */
export const idAttribute = (id: ProductId): { N: string } => ({ N: String(id) });
export const idAttributeType = 'N';

/** The id of an item of DynamoDB. */
export const idOfItem = (item: Readonly<Record<string, { S?: string; N?: string }>>): ProductId => Number(item.id?.N);

/** A text that sorts as its id does, for the sort keys of indexes. */
export const idSortText = (id: ProductId): string => String(id).padStart(10, '0');

/** The file of a product's image in a folder of images: `15970.jpg`. */
export const imageName = (id: ProductId): string => `${id}.jpg`;

/**
 * The id of the product whose image has this file name; undefined where no product's has. It is the inverse of
 * `imageName`, so `0015970.jpg` is no product's: the image of 15970 is read from `15970.jpg`.
 */
export function idOfImageName(name: string): ProductId | undefined {
  const [, text = ''] = /^(.*)\.jpg$/.exec(name) ?? [];
  return parseId(text);
}

/** The folder of images, in the bucket of a catalogue and within each exported folder. */
export const imagesPrefix = 'images/';

/** The key of a product's image, in the bucket of a catalogue and within each exported folder: `images/15970.jpg`. */
export const imageKey = (id: ProductId): string => `${imagesPrefix}${imageName(id)}`;

/** The id of the product whose image has this key; undefined where no product's has. Inverse of `imageKey`. */
export const idOfImageKey = (key: string): ProductId | undefined =>
  key.startsWith(imagesPrefix) ? idOfImageName(key.slice(imagesPrefix.length)) : undefined;

/** The key of a variant of an image within an augmented folder: `images/15970_0.jpg` for `images/15970.jpg`. */
export const variantKey = (imageKey: string, variant: number): string =>
  `${imagesPrefix}${baseName(imageKey)}_${variant}.jpg`;

/** Those of all variants of an image. */
export const variantKeys = (imageKey: string, variants: number): string[] =>
  Array.from({ length: variants }, (_, variant) => variantKey(imageKey, variant));

/** The name of an image's file without its extension: a product's id, or that of a variant. */
export const baseName = (imageKey: string): string =>
  imageKey.slice(imageKey.lastIndexOf('/') + 1).replace(/\.jpg$/, '');
