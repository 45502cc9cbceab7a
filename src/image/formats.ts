/** An image format that the kit keeps as it is. */
export interface ImageFormat {
  /** The extension of its files. */
  extension: string;
  /** Other extensions that its files have elsewhere. */
  spellings: readonly string[];
  /** Its content type. */
  type: string;
  /** How its files begin, each byte as a character. */
  begins: RegExp;
  /** Whether browsers show it. */
  inBrowsers: boolean;
}

/** The formats in which images are kept: files, content types, permissions and messages follow this list. */
export const imageFormats = {
  jpeg: {
    extension: 'jpg',
    spellings: ['jpeg', 'jpe', 'jfif'],
    type: 'image/jpeg',
    begins: /^\xff\xd8\xff/,
    inBrowsers: true,
  },
  png: { extension: 'png', spellings: [], type: 'image/png', begins: /^\x89PNG/, inBrowsers: true },
  webp: { extension: 'webp', spellings: [], type: 'image/webp', begins: /^RIFF.{4}WEBP/s, inBrowsers: true },
  avif: {
    extension: 'avif',
    spellings: ['avifs'],
    type: 'image/avif',
    // Some name a more general kind first, and AVIF among those that it is compatible with.
    begins: /^.{4}ftyp(avi[fs]|(mif1|msf1|miaf).{4}(.{4})*?avi[fs])/s,
    inBrowsers: true,
  },
  gif: { extension: 'gif', spellings: [], type: 'image/gif', begins: /^GIF8[79]a/, inBrowsers: true },
  tiff: {
    extension: 'tiff',
    spellings: ['tif'],
    type: 'image/tiff',
    begins: /^(II[*+]\0|MM\0[*+])/,
    inBrowsers: false,
  },
} as const satisfies Record<string, ImageFormat>;

/** The name of a format in which images are kept. */
export type ImageFormatName = keyof typeof imageFormats;

const list: readonly ImageFormat[] = Object.values(imageFormats);

/** The extensions of the files of images, such as `jpg`. */
export const imageExtensions: readonly string[] = list.map(({ extension }) => extension);

/** The names of the formats, in words: `JPEG, PNG, …`. */
export const formatsInWords: string = Object.keys(imageFormats)
  .map((name) => (name === 'webp' ? 'WebP' : name.toUpperCase()))
  .join(', ');

/** As many bytes of a file as tell its format. */
export const sniffedBytes = 64;

/** The format of an encoded image, by its first bytes and not by its name; undefined where it is none of the list. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const text = Buffer.from(bytes.subarray(0, sniffedBytes)).toString('latin1');
  return list.find(({ begins }) => begins.test(text));
}

/** The format whose files have an extension, written as the kit does. */
export const formatOfExtension = (extension: string): ImageFormat | undefined =>
  list.find((format) => format.extension === extension);
