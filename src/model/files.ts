import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { clients } from '../aws.js';
import { getBytes } from '../bucket.js';
import { PipelineError, messageOf } from '../errors.js';
import { modelCard, type ModelCard } from './card.js';

/** The files of a model: the net and its weights' manifest, the weights, and the card. */
export const fileNames = { network: 'model.json', weights: 'weights.bin', card: 'pipeline.json' } as const;

/** The folder of the weights that ship with the kit, beside this code. */
export const shippedModel = fileURLToPath(new URL('./weights', import.meta.url));

/** `model.json`, in TensorFlow.js's layers format: the net and where each weight lies in `weights.bin`. */
export const layersFile = z.object({
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({}),
  weightsManifest: z.tuple([
    z.object({
      paths: z.tuple([z.literal(fileNames.weights)]),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().nonnegative()),
          dtype: z.literal('float32'),
          quantization: z.object({ dtype: z.literal('float16') }).optional(),
        }),
      ),
    }),
  ]),
});
export type LayersFile = z.infer<typeof layersFile>;

/** A model's files, read and checked one by one. */
export interface ModelFiles {
  network: LayersFile;
  weights: Uint8Array;
  card: ModelCard;
}

/**
 * Reads a model's files from a folder or an `s3://bucket/prefix`.
 *
 * @throws PipelineError `model.notFound` where a file is missing, `model.malformed` where one cannot be parsed,
 * `model.weightsMismatch` where the weights are not as many bytes as the manifest says.
 */
export async function readModelFiles(source: string, s3?: S3Client): Promise<ModelFiles> {
  const read = source.startsWith('s3://') ? s3Reader(source, s3 ?? clients().s3) : (name: string) => readFile(path.join(source, name));
  const [network, weights, card] = await Promise.all(
    Object.values(fileNames).map((name) =>
      read(name).catch((cause: unknown) => {
        if (cause instanceof PipelineError && cause.code.startsWith('aws.')) throw cause;
        throw new PipelineError(
          'model.notFound',
          `There is no model at '${source}': ${name} cannot be read (${messageOf(cause)}). Train one with \`zx scripts/train.mjs --dataset DIR --out DIR\`.`,
          { value: source, cause },
        );
      }),
    ),
  );
  if (network === undefined || weights === undefined || card === undefined)
    throw new TypeError('A model has three files');
  const files = {
    network: parse(layersFile, network, source, fileNames.network),
    weights,
    card: parse(modelCard, card, source, fileNames.card),
  };
  checkWeights(files, source);
  return files;
}

function s3Reader(source: string, s3: S3Client): (name: string) => Promise<Uint8Array> {
  const { hostname: bucket, pathname } = new URL(source);
  const prefix = decodeURIComponent(pathname).replace(/^\/|\/$/g, '');
  return (name) => getBytes({ s3, bucket }, prefix ? `${prefix}/${name}` : name);
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, source: string, name: string): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new PipelineError(
      'model.malformed',
      `${name} of the model at '${source}' is malformed: ${reason}. Copy or train the model again.`,
      {
        value: source,
        cause,
      },
    );
  }
}

function checkWeights({ network, weights }: ModelFiles, source: string): void {
  const expected = network.weightsManifest[0].weights.reduce(
    (sum, { shape, quantization }) => sum + shape.reduce((product, size) => product * size, 1) * (quantization ? 2 : 4),
    0,
  );
  if (weights.length !== expected) {
    throw new PipelineError(
      'model.weightsMismatch',
      `${fileNames.weights} of the model at '${source}' has ${weights.length} bytes, its manifest says ${expected}. Copy or train the model again.`,
      { value: source },
    );
  }
}
