/** What an image shows: a product, a row of metadata, or anything else with an id. */
export interface Shown {
  readonly id: number | string;
  readonly articleType?: unknown;
  readonly baseColour?: unknown;
  readonly productDisplayName?: unknown;
}

/** The bytes of an encoded image, or why they cannot be read. */
export type ImageBytes = Uint8Array | Error;

/** An image, encoded, with its row of metadata; the reason, or no `data`, where it could not be read. */
export interface Tile {
  readonly row: Shown & Readonly<Record<string, unknown>>;
  readonly data?: ImageBytes | undefined;
}

/** Whether these are images with their rows, and not rows whose images still have to be read. */
export const isTiles = (items: unknown): items is readonly Tile[] => Array.isArray(items) && items.every(isTile);

/** Whether this is an image with its row. */
export const isTile = (item: unknown): item is Tile =>
  typeof item === 'object' && item !== null && 'row' in item && typeof item.row === 'object' && item.row !== null;
