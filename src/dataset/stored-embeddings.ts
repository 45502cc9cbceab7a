import { type Aws, getBytes } from '../aws/index.js';
import { fromFloat16, PipelineError } from '../work/index.js';
import { embeddingsName } from './part.js';

/** A folder's embeddings: how many rows they are of, and how many numbers each has. */
interface Stored {
  uri: string;
  folder: string;
  rows: number;
  dimensions: number | undefined;
}

/**
 * The embeddings of some rows of a data set with predictions, by their places among all.
 *
 * @throws PipelineError `dataset.noEmbeddings` where the data set has none; `dataset.malformed`.
 */
export async function storedEmbeddings(
  aws: Aws,
  { uri, folder, rows, dimensions }: Stored,
  at: readonly number[],
): Promise<{ embeddings: Float32Array; dimensions: number }> {
  if (at.length === 0) return { embeddings: new Float32Array(), dimensions: 0 };
  if (dimensions === undefined) {
    throw new PipelineError(
      'dataset.noEmbeddings',
      `${uri} has no embeddings. Label it with pipeline.infer and a model that has embeddings, and use the data set ` +
        'that it returns.',
      { value: folder },
    );
  }
  const bytes = await getBytes(aws, `${folder}/${embeddingsName}`);
  const width = dimensions * 2;
  if (bytes.length !== rows * width) {
    throw new PipelineError(
      'dataset.malformed',
      `${uri}${embeddingsName} has ${bytes.length} bytes, ${rows} rows of ${dimensions} numbers need ` +
        `${rows * width}. Run its query again.`,
      { value: folder },
    );
  }
  const own = Buffer.concat(at.map((i) => bytes.subarray(i * width, (i + 1) * width)));
  return { embeddings: await fromFloat16(new Uint16Array(Uint8Array.from(own).buffer)), dimensions };
}
