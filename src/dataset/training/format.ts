import type { Bytes } from '../formats/index.js';
import type { Manifest } from '../manifest.js';
import type { Column } from './columns.js';
import type { Item } from './items.js';

/**
 * A format that trainers read: which files there are, and what is in them. Its images are files of their own
 * (`imageFile`), lie within files of many (`shard`), or stay where they are; `tables` are files of rows alone.
 */
export interface TrainingFormat {
  /** What reads it, in a few words. */
  readonly about: string;
  /** Whether each row needs a label: those without one are left out. */
  readonly labelled?: boolean;
  /** Where an image lies in the target, for images that are files of their own. */
  readonly imageFile?: (item: Item) => string;
  /** How images and rows lie together in one file. */
  readonly shard?: Shard;
  /** The files of rows alone, made of what was written. */
  readonly tables?: (written: Rows) => Iterable<Table> | Promise<Iterable<Table>>;
  /** The same with the addresses of the images in place of the images, where the format can have them. */
  readonly references?: TrainingFormat;
  /** How it is read, in Markdown. */
  readonly reading: (facts: Facts) => string;
}

/** A file of many rows with their images. */
export interface Shard {
  /** With its dot. */
  readonly extension: string;
  open(columns: readonly Column[]): ShardWriter | Promise<ShardWriter>;
}

/** Writes one shard as the images come. All bytes together are what `add` returns for each, then what `end` does. */
export interface ShardWriter {
  add(item: Item, image: Uint8Array): readonly Bytes[];
  end(): readonly Bytes[];
}

/** The rows that are in the target, with the columns that they have and what the target is written with. */
export interface Rows {
  readonly items: readonly Item[];
  readonly columns: readonly Column[];
  readonly label: string | undefined;
  /** What the data set says of itself. */
  readonly manifest: Manifest;
}

/** A file of rows alone. */
export interface Table {
  readonly name: string;
  readonly content: AsyncIterable<Bytes> | Iterable<Bytes>;
}

/** What a format needs to know to say how it is read; all places are as seen from the folder of the card. */
export interface Facts {
  /** The folder itself. */
  readonly here: '.';
  /** The folder of the first side. */
  readonly folder: string;
  /** The files of many of the first side, as a pattern. */
  readonly shards: string;
  readonly sides: readonly { readonly name: string; readonly rows: number }[];
  readonly label: string | undefined;
  readonly columns: readonly Column[];
  /** The extension of the first image, and of all. */
  readonly extension: string;
  readonly extensions: readonly string[];
}
