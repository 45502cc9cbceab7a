import { readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * If a source is a model of Keras or TensorFlow, the message that says so and how to convert it; undefined if not.
 */
export async function conversionOf(source: string): Promise<string | undefined> {
  const inside = await readdir(source).catch(() => []);
  for (const name of [path.basename(source), ...inside]) {
    const format = formats.find(({ file }) => file.test(name));
    if (format)
      return (
        `'${source}' has ${name}, ${format.what}, which TensorFlow.js does not read. ${format.remedy} Then ` +
        'write a pipeline.json beside OUT/model.json and load OUT.'
      );
  }
  return undefined;
}

/** How to convert a model that TensorFlow.js cannot build from its layers: as a graph, in two commands. */
export const conversionCommands = (what: string): string =>
  `Convert ${what} as a graph: in Python model.export('SAVED_MODEL_DIR'), then ${savedModel}.`;

const convert = (options: string) => `\`pip install tensorflowjs && tensorflowjs_converter ${options} OUT\``;
const savedModel = convert('--input_format=tf_saved_model --output_format=tfjs_graph_model SAVED_MODEL_DIR');
const formats = [
  { file: /^saved_model\.pb$/, what: 'a TensorFlow SavedModel', remedy: `Convert its folder: ${savedModel}.` },
  {
    file: /\.(h5|hdf5)$/,
    what: 'a Keras model',
    remedy: `Convert it: ${convert('--input_format=keras --output_format=tfjs_layers_model FILE')}.`,
  },
  {
    file: /\.keras$/,
    what: 'a Keras 3 model',
    remedy: `Save it in Python with model.export('SAVED_MODEL_DIR') and convert that: ${savedModel}.`,
  },
];
