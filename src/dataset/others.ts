import { type Aws, headOf, listLevel } from '../aws/index.js';
import { nearest } from '../work/index.js';
import { metadataFile } from './files.js';

/** Of the folders that are most like the wanted one, so many are looked into, and so many are named. */
const most = 20;
const mostNamed = 8;

/**
 * Says which data sets the bucket has instead of a folder that has none, the most similar names first: at the top of
 * the bucket, and beside the wanted one. An empty text where there are none, or they cannot be listed.
 */
export async function othersInWords(aws: Aws, wanted: string): Promise<string> {
  try {
    const beside = wanted.slice(0, wanted.lastIndexOf('/') + 1);
    const levels = await Promise.all([...new Set(['', beside])].map((prefix) => listLevel(aws, prefix)));
    const folders = levels.flatMap((level) => level.folders.map((name) => name.slice(0, -1))).sort();
    const similar = [...nearest(wanted, folders), ...nearest(wanted.split('/')[0] ?? '', folders)];
    const candidates = [...new Set([...similar, ...folders])].filter((name) => name !== wanted).slice(0, most);
    const heads = await Promise.all(candidates.map((name) => headOf(aws, `${name}/${metadataFile.file}`)));
    const found = candidates.filter((_, i) => heads[i] !== undefined);
    const meant = found.find((name) => similar.includes(name));
    const others = found.filter((name) => name !== meant).map((name) => `'${name}'`);
    const named = others.length > mostNamed ? [...others.slice(0, mostNamed), '…'] : others;
    const question = meant === undefined ? '' : ` Did you mean '${meant}'?`;
    return named.length === 0
      ? question
      : `${question} There ${others.length === 1 ? 'is' : 'are'}${meant ? ' also' : ''} ${named.join(', ')}.`;
  } catch {
    // Whoever may read one folder alone still gets the error that there is nothing in it.
    return '';
  }
}
