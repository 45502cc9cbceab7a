import { messageOf } from '../work/index.js';
import { formatOf } from './formats.js';

/** What a file is that is no image the kit reads, by how it begins (as text, or in hexadecimal), and what to do. */
const kinds: readonly { begins: RegExp | readonly string[]; reason: string }[] = [
  {
    begins: /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|(\w+:)?svg).*?svg[\s>:]/is,
    reason: 'it is an SVG, a drawing and not pixels. Export it as PNG or JPEG',
  },
  {
    begins: /^\s*<(!doctype html|html|head|body|\?xml[^>]*>\s*<error)/i,
    reason: 'it is a web page or an error message of a server. Fetch the image from its own address',
  },
  {
    begins: /^version https:\/\/git-lfs/,
    reason: 'it is a pointer of Git LFS, not the file itself. Run `git lfs pull` in its folder',
  },
  { begins: /^BM/, reason: 'it is a BMP of a kind that the kit does not read. Convert it to PNG or JPEG' },
  {
    begins: /^.{4}ftyp(hei|hev|mif1|msf1)/s,
    reason: 'it is a HEIC image, which the kit does not read. Convert it to JPEG',
  },
  { begins: /^.{4}ftyp(?!avi[fs])/s, reason: 'it is a video. Give an image' },
  {
    begins: ['ff0a', '0000000c4a584c20'],
    reason: 'it is a JPEG XL, which the kit does not read. Convert it to JPEG',
  },
  { begins: /^8BPS/, reason: 'it is a Photoshop file. Export it as PNG or JPEG' },
  { begins: /^(%PDF|%!PS)/, reason: 'it is a document (PDF or PostScript). Export the image as PNG or JPEG' },
  { begins: ['504b0304', '1f8b', '526172211a07', '377abcaf'], reason: 'it is an archive. Unpack it' },
  { begins: ['00000100', '00000200'], reason: 'it is an icon (ICO). Convert it to PNG' },
  { begins: ['0'.repeat(32)], reason: 'it has zeros instead of an image. Fetch it again' },
];

/**
 * Whether bytes begin as XML does, in any encoding, or as an archive: the decoder would draw an SVG, which is no
 * photograph of a product, and may be of any size.
 */
export const isMarkup = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x1f && bytes[1] === 0x8b) ||
  /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*</.test(Buffer.from(bytes.subarray(0, 256)).toString('latin1'));

/** Why bytes are not decoded and what to do, to follow a colon; `cause` is what the decoder threw. */
export function reasonOf(bytes: Uint8Array, cause: unknown): string {
  const begin = Buffer.from(bytes.subarray(0, 1024));
  const [text, hex] = [begin.toString('latin1'), begin.toString('hex')];
  const known = kinds.find(({ begins }) =>
    begins instanceof RegExp ? begins.test(text) : begins.some((prefix) => hex.startsWith(prefix)),
  );
  if (known) return `${known.reason}, or leave it out.`;
  const [said = ''] = messageOf(cause).split('\n');
  if (/premature end|read error|truncated|unexpected end/i.test(said))
    return 'it is cut off. Fetch it again, or leave it out.';
  return formatOf(bytes)
    ? `it is damaged (${said}). Fetch or export it again, or leave it out.`
    : `it is no image of a kind that the kit reads (${said}). Convert it to PNG or JPEG, or leave it out.`;
}
