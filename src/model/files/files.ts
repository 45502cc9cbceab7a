import { z } from 'zod';
import type { AwsClient } from '../../aws/index.js';
import { concurrently, count, decodeText, messageOf, oneLine, PipelineError } from '../../work/index.js';
import { cardFile, type ModelCard } from './card.js';
import { conversionOf } from './conversion.js';
import { bytesOf, type NetworkFile, networkFile } from './model-json.js';
import { type Read, readerOf } from './reader.js';

/**
 * The files of a model as the kit writes them: the net with the manifest of its weights, the weights, and the card. In
 * other models the manifest names the files of the weights.
 */
export const fileNames = {
  network: 'model.json',
  weights: 'weights.bin',
  card: 'pipeline.json',
  trainedOn: 'trained-on.bin',
} as const;

/** Files read at a time; a converted net has a file for every 4 MB of weights. */
const concurrency = 8;

const mega = 2 ** 20;
/** The most bytes of a file, beside weights. */
const mostBytes = { network: 64 * mega, card: 16 * mega, labels: 16 * mega, trainedOn: 64 * mega };
/** The most bytes of all weights: more than any net has that a browser could run. */
const mostWeights = 4096 * mega;

/** A model's files, read and checked one by one. */
export interface ModelFiles {
  network: NetworkFile;
  /** The files of the weights, in the manifest's order. */
  weights: Uint8Array[];
  card: ModelCard;
  /** Which images it was trained on; undefined where its card does not say. */
  trainedOn?: Uint8Array | undefined;
}

/**
 * Reads a model's files from a folder, an `s3://bucket/prefix` or an `https://` address.
 *
 * @throws PipelineError `model.notFound` if a file is missing, `model.otherFormat` if the model's format is not one
 * that TensorFlow.js reads, `model.malformed` if a file cannot be parsed, `model.weightsMismatch` if the weights have
 * another number of bytes than the manifest says, `model.tooLarge`; those of `readerOf`.
 */
export async function readModelFiles(source: string, s3?: AwsClient): Promise<ModelFiles> {
  const reader = readerOf(source, s3);
  const read = readerWithReasons(source, reader.network, reader.read);
  const reading = read(fileNames.card, mostBytes.card);
  // Rejections surface where it is awaited below; if the net is missing, that error is thrown instead.
  reading.catch(() => undefined);
  const network = parse(networkFile, await read(reader.network, mostBytes.network), source, reader.network);
  const card = parse(cardFile, await reading, source, fileNames.card);
  const attributes = await concurrently(
    card.attributes,
    async ({ labels, ...attribute }) => ({
      ...attribute,
      labels:
        typeof labels === 'string' ? linesOf(await read(labels, mostBytes.labels), `${source}/${labels}`) : labels,
    }),
    { concurrency },
  );
  const weights = await concurrently(filesOf(network, source), ({ name, most }) => read(name, most), { concurrency });
  checkWeights(network, weights, source);
  const trainedOn = card.trainedOn === undefined ? undefined : await read(card.trainedOn, mostBytes.trainedOn);
  return { network, weights, card: { ...card, attributes }, trainedOn };
}

/** The files of the weights, each with the most bytes that it may have. */
function filesOf({ weightsManifest }: NetworkFile, source: string): { name: string; most: number }[] {
  const files = weightsManifest.flatMap(({ paths, weights }) =>
    paths.map((name, i) => ({ name, most: bytesOf(weights) ?? mostWeights / paths.length, isFirst: i === 0 })),
  );
  const bytes = files.reduce((sum, { most, isFirst }) => sum + (isFirst ? most : 0), 0);
  if (bytes <= mostWeights) return files;
  throw new PipelineError(
    'model.tooLarge',
    `The weights of the model at '${source}' are ${count(bytes)} bytes by its manifest; the kit loads up to ` +
      `${count(mostWeights)}. Give a smaller model.`,
    { value: bytes },
  );
}

/** A reader whose error for a missing file says what the file is for and what to do. */
function readerWithReasons(source: string, network: string, read: Read): Read {
  return async (name, limit) => {
    try {
      return await read(name, limit);
    } catch (cause) {
      if (cause instanceof PipelineError && /^(aws\.|model\.(unreachable|insecureUrl|tooLarge))/.test(cause.code))
        throw cause;
      const remedies: Record<string, string> = {
        [network]:
          'Train one with `zx scripts/train.mjs --dataset DIR --out DIR`, or name the folder of a TensorFlow.js model.',
        [fileNames.card]:
          'Write one beside model.json: {"name": "mine", "input": {"width": 224, "height": 224, "scale": ' +
          '0.00784, "offset": -1}, "attributes": [{"name": "kind", "labels": ["first", "second"]}]}.',
      };
      if (name === network) {
        const conversion = await conversionOf(source);
        if (conversion !== undefined)
          throw new PipelineError('model.otherFormat', conversion, { value: source, cause });
      }
      const missing = name === network ? 'There is no model' : 'The model is not complete';
      throw new PipelineError(
        'model.notFound',
        `${missing} at '${source}': ${name} cannot be read (${messageOf(cause)}). ` +
          `${remedies[name] ?? 'Copy all files of the model again.'}`,
        { value: source, cause },
      );
    }
  };
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, source: string, name: string): T {
  const text = decodeText(bytes, `${source}/${name}`);
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const page = /^\s*</.test(text) ? 'it is a web page (HTML), not JSON' : messageOf(cause);
    const reason = (cause instanceof z.ZodError ? oneLine(z.prettifyError(cause)) : page).replace(/\.$/, '');
    throw new PipelineError(
      'model.malformed',
      `${name} of the model at '${source}' is malformed: ${reason}. Correct it, or copy, convert or train the ` +
        'model again.',
      { value: source, cause },
    );
  }
}

/** The labels in a file, one a line; blank lines at its end are ignored. */
const linesOf = (bytes: Uint8Array, name: string): string[] => decodeText(bytes, name).trimEnd().split(/\r?\n/);

function checkWeights({ weightsManifest }: NetworkFile, weights: readonly Uint8Array[], source: string): void {
  let next = 0;
  for (const group of weightsManifest) {
    const sizes = group.paths.map((name) => ({ name, bytes: weights[next++]?.length ?? 0 }));
    const expected = bytesOf(group.weights);
    const bytes = sizes.reduce((sum, file) => sum + file.bytes, 0);
    if (expected === undefined || bytes === expected) continue;
    const files = sizes.map((file) => `${file.name} (${file.bytes} bytes)`).join(', ');
    throw new PipelineError(
      'model.weightsMismatch',
      `The weights of the model at '${source}' are ${bytes} bytes, its manifest says ${expected}: ${files}. ` +
        'Copy, convert or train the model again.',
      { value: source },
    );
  }
}
