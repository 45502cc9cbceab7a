import { PipelineError } from '../../work/index.js';

/** What no folder's name has everywhere, or has another meaning there. */
const unsafe = /[%/\\:*?"<>|\p{Cc}]|^\.|[. ]$|^ /gu;
/** What Windows keeps for devices: their first letter is written as a code. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * The name of a folder for each label: the label itself, but for characters that are not safe in a name everywhere,
 * which are written as `%2F`. Labels that differ by their capitals or accents' encoding alone, and would be one folder
 * on some systems, have all but small letters and digits written so. Python's `urllib.parse.unquote` and
 * `decodeURIComponent` give the label back.
 *
 * @throws PipelineError `write.longLabel`
 */
export function labelNames(labels: Iterable<string>): Map<string, string> {
  const all = [...new Set(labels)].sort();
  const alike = new Map<string, number>();
  const keyOf = (label: string) => label.normalize('NFC').toLowerCase();
  for (const label of all) alike.set(keyOf(label), (alike.get(keyOf(label)) ?? 0) + 1);
  return new Map(all.map((label) => [label, nameOf(label, (alike.get(keyOf(label)) ?? 0) > 1)]));
}

function nameOf(label: string, isTwin: boolean): string {
  const name = isTwin
    ? label.replace(/[^a-z0-9]/gu, encoded)
    : label.replace(unsafe, encoded).replace(device, (text) => encoded(text.slice(0, 1)) + text.slice(1));
  if (Buffer.byteLength(name) <= 255) return name;
  throw new PipelineError(
    'write.longLabel',
    `The label '${label.slice(0, 60)}…' is too long for the name of a folder, which has 255 bytes. Choose ` +
      'another field.',
    { value: label },
  );
}

const encoded = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
