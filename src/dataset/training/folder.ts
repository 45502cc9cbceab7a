import { metadataFile } from '../files.js';
import type { TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { metadataContent } from './tables.js';

/** The data set as it lies in S3: its images, its metadata.json and what its manifest.json says of them. */
export const folder: TrainingFormat = {
  about: 'images and metadata as they lie in S3, for anyone',
  imageFile: (item) => fileOf(item),
  tables: (rows) => [
    { name: metadataFile.file, content: metadataContent(metadataFile, rows) },
    { name: 'manifest.json', content: [manifestOf(rows)] },
  ],
  reading: () => `\`\`\`python
import json
from PIL import Image

rows = json.load(open('metadata.json'))
image = Image.open('images/' + rows[0]['imagePath'].rsplit('/', 1)[1])
\`\`\``,
};

const fileOf = ({ name, extension }: Item): string => `images/${name}${extension}`;

/** What the data set's own manifest says, but for the images that are not here. */
function manifestOf({ items, manifest }: Parameters<NonNullable<TrainingFormat['tables']>>[0]): string {
  const { digest: _, ...head } = manifest;
  const images = items.map((item) => ({ ...item.record, id: item.id, file: fileOf(item) }));
  return `${JSON.stringify({ ...head, count: items.length, images }, null, 1)}\n`;
}
