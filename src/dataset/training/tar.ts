const block = 512;

/**
 * A file in a tar, without the tar's end: its header, its bytes, and zeros up to a whole block. The header has the name
 * and the size alone: the same file gives the same bytes, whoever writes it and when.
 *
 * @param name Up to 100 bytes of ASCII.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 (ustar)
 */
export function tarEntry(name: string, bytes: Uint8Array): Uint8Array[] {
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  header.write(name, 0, 100, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes.length, 124, 12);
  octal(0, 136, 12);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  // The sum is of the header with blanks in its own place.
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const rest = bytes.length % block;
  return [header, bytes, ...(rest === 0 ? [] : [Buffer.alloc(block - rest)])];
}

/** What ends a tar. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * block);

function sumOf(header: Uint8Array): number {
  let sum = 0;
  for (const byte of header) sum += byte;
  return sum;
}
