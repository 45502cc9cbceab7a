import type { TrainingFormat } from './format.js';
import type { Item } from './items.js';
import { jsonLines } from './tables.js';

/** Whether Keras reads images of this extension. */
const isKeras = (extension: string): boolean => /^\.(jpe?g|png|bmp|gif)$/.test(extension);

const fileOf = ({ side, labelFolder = '', name, extension }: Item): string =>
  `${side === undefined ? '' : `${side}/`}${labelFolder}/${name}${extension}`;

/** A folder for each label within one for each side, as torchvision and Keras read them. */
export const classes: TrainingFormat = {
  about: 'a folder for each label, for torchvision and Keras: <side>/<label>/<id>.jpg',
  labelled: true,
  imageFile: fileOf,
  tables: ({ items }) => [
    { name: 'metadata.jsonl', content: jsonLines(items, (item) => ({ file_name: fileOf(item), ...item.row })) },
  ],
  reading: ({ folder, extensions }) => `\`\`\`python
from torchvision.datasets import ImageFolder  # PyTorch

images = ImageFolder(${JSON.stringify(folder)})
\`\`\`

\`\`\`python
import keras  # Keras

images = keras.utils.image_dataset_from_directory(${JSON.stringify(folder)})
\`\`\`
${extensions.every(isKeras) ? '' : '\nKeras reads JPEG, PNG, BMP and GIF alone.\n'}
A folder is called as its label, but for characters that are not safe in a name; Python's
\`urllib.parse.unquote(name)\` gives the label back.`,
};
