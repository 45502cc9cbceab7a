import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { replaceFile } from '../../work/index.js';
import type { TrainedCard } from '../files/card.js';
import { trainedOnBytes } from '../files/trained-on.js';
import { useBackend } from '../run/backend.js';
import type { ModelInput } from '../run/preprocess.js';
import { createNetwork, variablesOf } from './architecture.js';
import { temperatureOf } from './calibrate.js';
import { removeCheckpoint } from './checkpoint.js';
import { measure, outputsOf } from './evaluate.js';
import { type Example, headsOf, readExamples } from './examples.js';
import { fitNet } from './fit.js';
import { embedding, toLayersModel } from './layers-model.js';
import { remember } from './memory.js';
import { disposeMemory, isMemory, type Memory } from './memory-layers.js';
import type { TrainOptions } from './options.js';
import { readmeOf } from './readme.js';
import { saveModel } from './save.js';
import { defaultSettings } from './settings.js';
import type { Part } from './split.js';
import { tasksOf } from './tasks.js';

const input: ModelInput = { width: 60, height: 80, scale: 1 / 127.5, offset: -1 };

/**
 * Trains the model that ships with the kit on the tensorflow backend, writes it to `out` and returns its card. By a
 * hash of their bytes, a tenth of the images is held out to measure the model and a fiftieth to calibrate its
 * confidences; the others it also remembers. The settings and each epoch are logged to `training.jsonl` beside it.
 * Resumes from the checkpoint of an interrupted training with the same images and settings.
 *
 * @throws PipelineError `model.backendUnavailable`, `training.noImages`, `training.tooFewLabels`.
 *
 * @example
 * const card = await train({ source: await folderSource('data'), out: 'out/model', epochs: 1 });
 * console.table(card.metrics);
 */
export async function train(options: TrainOptions): Promise<TrainedCard> {
  const { source, samples, out, epochs = 24, limit, seed = 1, signal, onProgress, onEpoch } = options;
  const settings = { ...defaultSettings, ...options.settings };
  await useBackend('tensorflow');
  const real = await readExamples(source, input, { limit, signal, onProgress });
  const drawn = samples === undefined ? [] : await readExamples(samples, input, { signal, onProgress });
  const partOf = (examples: readonly Example[], wanted: Part) => examples.filter(({ part }) => part === wanted);
  const examples = partOf([...real, ...drawn], 'train');
  const validation = partOf(real, 'validation');
  const calibration = partOf(real, 'calibration');
  const heads = headsOf(examples);

  const tasks = tasksOf(heads, examples, settings.auxiliaryWeight);
  const network = createNetwork(tasks, seed);
  const average = createNetwork(tasks, seed);
  const using = async <T>(
    temperatures: readonly number[],
    memory: Memory | undefined,
    use: (model: tf.LayersModel) => T | Promise<T>,
  ): Promise<T> => {
    const model = toLayersModel(average, heads, input, temperatures, memory);
    try {
      return await use(model);
    } finally {
      model.dispose();
    }
  };
  let memory: Memory | undefined;
  try {
    const log = await trainingLog(out, { images: examples.length, epochs, seed, settings });
    await fitNet(network, average, examples, tasks, input, {
      settings,
      epochs,
      seed,
      folder: out,
      signal,
      onProgress,
      onEpoch: async (epoch) => {
        const report = {
          ...epoch,
          metrics: await using([], undefined, (model) => measure(model, validation, heads, input)),
        };
        await log(report);
        onEpoch?.(report);
      },
    });
    const scores = await using([], undefined, (model) => outputsOf(model, calibration, input));
    const temperatures = heads.map(({ name, labels }, head) =>
      calibration.length === 0
        ? 1
        : temperatureOf(
            scores[head] ?? new Float32Array(),
            calibration.map(({ product }) => labels.indexOf(product[name] ?? '')),
          ),
    );
    const begun = performance.now();
    memory = await using(temperatures, undefined, (model) =>
      remember(model, examples, heads, input, settings.memory, { seed, signal, onProgress }),
    );
    const seconds = (performance.now() - begun) / 1000;
    const measured = (examples: readonly Example[], memory?: Memory) =>
      using(temperatures, memory, (model) => (examples.length === 0 ? [] : measure(model, examples, heads, input)));
    const without = (await measured(validation)).filter(({ attribute }) => memory?.labels.has(attribute));
    const card: TrainedCard = {
      name: 'fashion-attributes',
      input,
      embedding,
      attributes: heads.map(({ name, labels }) => ({ name, labels: [...labels] })),
      metrics: await measured(validation, memory),
      sampleMetrics: await measured(partOf(drawn, 'validation'), memory),
      training: {
        images: partOf(real, 'train').length,
        calibrationImages: calibration.length,
        validationImages: validation.length,
        samples: partOf(drawn, 'train').length,
        epochs,
        seed,
        temperatures: Object.fromEntries(
          heads.map(({ name }, head) => [name, Math.round((temperatures[head] ?? 1) * 1e3) / 1e3]),
        ),
        ...(memory && {
          memory: {
            images: examples.length,
            accuracyWithout: Object.fromEntries(without.map(({ attribute, accuracy }) => [attribute, accuracy])),
          },
        }),
        settings: { ...settings },
      },
    };
    if (memory)
      await log({ memory: { images: examples.length, sharpness: memory.sharpness, seconds }, metrics: card.metrics });
    const seen = [...examples, ...[...real, ...drawn].filter(({ part }) => part === 'calibration')];
    const trainedOn = trainedOnBytes(seen.map(({ md5 }) => md5));
    await using(temperatures, memory, (model) => saveModel(out, model, card, trainedOn, isMemory));
    await replaceFile(path.join(out, 'README.md'), readmeOf(card));
    await removeCheckpoint(out);
    return card;
  } finally {
    tf.dispose([...variablesOf(network), ...variablesOf(average)]);
    if (memory) disposeMemory(memory);
  }
}

/**
 * Returns a function that appends a line to `training.jsonl`. Writes the settings at once, whenever a training begins
 * or resumes.
 */
async function trainingLog(folder: string, settings: object): Promise<(line: object) => Promise<void>> {
  const append = (line: object) =>
    appendFile(path.join(folder, 'training.jsonl'), `${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  await mkdir(folder, { recursive: true });
  await append(settings);
  return append;
}
