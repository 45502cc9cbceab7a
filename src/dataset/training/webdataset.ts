import { createHash } from 'node:crypto';
import { valueIn } from './columns.js';
import type { TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { tarEnd, tarEntry } from './tar.js';

/**
 * Tar files, in which each image lies beside its row: `<key>.jpg` and `<key>.json`.
 *
 * @see https://github.com/webdataset/webdataset
 */
export const webdataset: TrainingFormat = {
  about: 'tar shards for webdataset and torchdata',
  shard: {
    extension: '.tar',
    open: (columns) => ({
      add(item, image) {
        const key = keyOf(item);
        const row = Object.fromEntries(
          columns.map((column) => {
            const value = item.row[column.name];
            return [column.name, column.type === 'json' ? (value ?? null) : valueIn(column, value)];
          }),
        );
        const json = Buffer.from(JSON.stringify(row));
        return [...tarEntry(`${key}${item.extension}`, image), ...tarEntry(`${key}.json`, json)];
      },
      end: () => [tarEnd],
    }),
  },
  reading: ({ shards, extension }) => `\`\`\`python
import glob, webdataset as wds  # PyTorch

images = wds.WebDataset(sorted(glob.glob(${JSON.stringify(shards)})), shardshuffle=False).decode('pil')
image, row = next(iter(images.to_tuple('${extension.slice(1)}', 'json')))
\`\`\``,
};

/** The most characters of a key: with the extension it fits into a tar's header. */
const longest = 90;

/** What the two files of an item have in common: it ends before the first dot, for readers of this format. */
function keyOf({ name }: Item): string {
  const key = name.replaceAll('.', '~001a~');
  if (key.length <= longest) return key;
  return `${key.slice(0, 60)}~~${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
}
