import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { AwsClient } from '../aws/index.js';
import { interruptibleItems, PipelineError, startOver } from '../work/index.js';
import { type ModelFiles, readModelFiles } from './files/files.js';
import { readTrainedOn } from './files/trained-on.js';
import { headOf } from './head/answer.js';
import type { Model, PredictAllOptions, Predicted } from './model.js';
import { type Backend, chooseBackend, useBackend } from './run/backend.js';
import { predictAll } from './run/batches.js';
import type { Inference } from './run/inference.js';
import { shippedModel } from './shipped.js';
import { unit } from './unit.js';

/** How a model is loaded. */
export interface LoadOptions {
  /** Default: tensorflow where it is installed, otherwise wasm. */
  backend?: Backend | undefined;
  /** The client that reads an `s3://` source; default: one from the AWS environment. */
  s3?: AwsClient | undefined;
  /**
   * How many processes decode the images and run the net, each on its share of the cores; 0 runs the net in this
   * process. Further processes start as batches wait for them. Default on wasm: one for each core, at most 8; each
   * takes some 250 MB. Default on tensorflow: 0, and for a list of 10,000 images and more one for each core, at most
   * 4, where each has a gigabyte of free memory: two label them a fifth faster than this process.
   */
  processes?: number | undefined;
}

/**
 * Loads a model and warms it up: from a folder, an `s3://bucket/prefix` or an `https://` address; by default the model
 * that ships with the kit. Any TensorFlow.js layers or graph model with one image input can be loaded, if a
 * `pipeline.json` beside its `model.json` describes it. It runs on the tensorflow backend where that is installed,
 * otherwise on wasm in several processes.
 *
 * @throws PipelineError `model.…` if a file is missing or wrong, the net does not fit its card, or no backend can run
 * it.
 *
 * @example
 * const model = await loadModel();
 * const [prediction] = await model.predict([await readFile('shirt.jpg')]);
 * console.log(model.backend, prediction); // tensorflow { gender: { label: 'Men', confidence: 0.97 }, …
 * model.dispose();
 */
export async function loadModel(source = shippedModel, options: LoadOptions = {}): Promise<Model> {
  const { s3, processes } = options;
  if (processes !== undefined && !(Number.isSafeInteger(processes) && processes >= 0)) {
    throw new PipelineError(
      'model.badProcesses',
      `The model cannot run in ${processes} processes; give a whole number, 0 for this process.`,
      { value: processes },
    );
  }
  const files = await readModelFiles(source, s3);
  const backend = await chooseBackend(options.backend);
  const most = processes ?? (backend === 'wasm' ? Math.min(8, availableParallelism()) : 0);
  const openProcesses = async (count: number) =>
    (await import('./run/pool.js')).openProcesses({ files, backend, source }, count);
  const inference = most > 0 ? await openProcesses(most) : await openInThisProcess(files, backend, source);
  const mayOpenMore = processes === undefined && most === 0;
  /** Labels many images in processes of their own. Where they cannot start, it goes on in this one. */
  async function* inBatches<T>(
    items: Iterable<T> | AsyncIterable<T>,
    batchOptions: PredictAllOptions<T>,
  ): AsyncGenerator<Predicted<T>> {
    const count = mayOpenMore && Array.isArray(items) && items.length >= manyImages ? roomFor() : 0;
    const further = count > 1 ? await openProcesses(count).catch(() => undefined) : undefined;
    try {
      yield* predictAll(further ?? inference, files.card, items, batchOptions);
    } finally {
      further?.dispose();
    }
  }
  const { name, input } = files.card;
  let disposed = false;
  const model: Model = {
    name,
    backend,
    input: { width: input.width, height: input.height },
    attributes: inference.attributes,
    dimensions: inference.dimensions,
    fingerprint: fingerprintOf(files),
    source: source === shippedModel ? undefined : source,
    trainedOn: files.trainedOn && readTrainedOn(files.trainedOn, source),
    head: await headOf(files, inference.attributes),
    async predict(images) {
      const results = [];
      for await (const { prediction, error } of model.predictAll(images, inMemory(images)))
        results.push(prediction ?? error);
      return results;
    },
    async embed(images) {
      const results = [];
      for await (const { embedding = new Float32Array(), error } of model.predictAll(images, {
        ...inMemory(images),
        details: true,
      }))
        results.push(error ?? unit(embedding));
      return results;
    },
    predictAll(items, predictOptions) {
      if (disposed)
        throw new PipelineError('model.disposed', `The model '${name}' is disposed: load it again.`, { value: name });
      return interruptibleItems(predictOptions.signal, 'items', startOver, (signal) =>
        inBatches(items, { ...predictOptions, signal }),
      );
    },
    dispose() {
      if (!disposed) inference.dispose();
      disposed = true;
    },
  };
  return model;
}

/** From so many images on, processes gain more than their start takes. */
const manyImages = 10_000;

/** How many processes with a net this machine has cores and memory for. */
const roomFor = (): number => Math.min(4, availableParallelism(), Math.floor(process.availableMemory() / 2 ** 30));

/** Opens a net in this process. @throws PipelineError as `loadModel` does. */
export async function openInThisProcess(files: ModelFiles, backend: Backend, source: string): Promise<Inference> {
  await useBackend(backend);
  // TensorFlow.js takes most of a second to import, so it is imported when a model is loaded.
  const { openInference } = await import('./run/inference.js');
  return openInference(files, backend, source);
}

/**
 * Options for images in memory: fewer than a batch run in a smaller one, of a multiple of 8. An image's last bits
 * depend on the size of its batch, so a few images fewer (unreadable ones, say) should not make it another one.
 */
const inMemory = ({ length }: readonly Uint8Array[]) => ({
  data: (image: Uint8Array) => image,
  batchSize: Math.min(64, 8 * Math.max(1, Math.ceil(length / 8))),
});

/** What identifies the shipped model, read without loading it. */
export async function identifyShipped(): Promise<Pick<Model, 'name' | 'fingerprint' | 'source'>> {
  const files = await readModelFiles(shippedModel);
  return { name: files.card.name, fingerprint: fingerprintOf(files), source: undefined };
}

/** 16 hexadecimal digits that change with whatever changes the answers of a model. */
export function fingerprintOf({ network, weights, card }: ModelFiles): string {
  const { input, attributes, activation, embedding } = card;
  const hash = createHash('sha256');
  for (const bytes of weights) hash.update(bytes);
  return hash
    .update(JSON.stringify([network, input, attributes, activation, embedding]))
    .digest('hex')
    .slice(0, 16);
}
