/** What an image shows: a product, a row of metadata, or anything else with an id. */
export interface Shown {
  readonly id: number | string;
  readonly articleType?: unknown;
  readonly baseColour?: unknown;
  readonly productDisplayName?: unknown;
}

/** An image, encoded, with its row of metadata; without `data` where it could not be read. */
export interface Tile {
  readonly row: Shown & Readonly<Record<string, unknown>>;
  readonly data?: Uint8Array | undefined;
}

/** Whether these are images with their rows, and not rows whose images still have to be read. */
export const isTiles = (items: unknown): items is readonly Tile[] => Array.isArray(items) && items.every(isTile);

/** Whether this is an image with its row. */
export const isTile = (item: unknown): item is Tile =>
  typeof item === 'object' && item !== null && 'row' in item && typeof item.row === 'object' && item.row !== null;
