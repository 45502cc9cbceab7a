import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { replaceFile } from '../../work/index.js';
import { type Network, variablesOf } from './architecture.js';
import type { Muon } from './optimizer.js';

const checkpointFile = z.object({
  /** Identifies the training; another training does not resume from this checkpoint. */
  training: z.string(),
  /** Steps done. */
  step: z.int(),
  specs: z.array(z.object({ name: z.string(), shape: z.array(z.int()), dtype: z.enum(['float32', 'int32']) })),
  /** Base64. */
  data: z.string(),
});

const fileOf = (folder: string): string => path.join(folder, 'checkpoint.json');

/** What a checkpoint saves and restores. */
export interface Checkpoint {
  folder: string;
  /** The images and settings as text; a checkpoint with another text is ignored. */
  training: string;
  networks: readonly Network[];
  optimizer: Muon;
}

/**
 * Saves the networks and the optimizer's moments after `step` steps. At any time the folder has a complete checkpoint:
 * the previous one or this one.
 */
export async function saveCheckpoint(
  { folder, training, networks, optimizer }: Checkpoint,
  step: number,
): Promise<void> {
  const moments = await optimizer.getWeights();
  const variables = networks.flatMap(variablesOf).map((tensor, i) => ({ name: `${i}`, tensor }));
  const { data, specs } = await tf.io.encodeWeights([...variables, ...moments]);
  // The first is a copy of the step count and must be disposed; the others belong to the optimizer.
  moments[0]?.tensor.dispose();
  const text = JSON.stringify({ training, step, specs, data: Buffer.from(data).toString('base64') });
  await replaceFile(fileOf(folder), text);
}

/**
 * Restores the networks and the optimizer from the folder's checkpoint, if it is of this training. Returns the number
 * of steps done, 0 without a checkpoint.
 */
export async function restoreCheckpoint({ folder, training, networks, optimizer }: Checkpoint): Promise<number> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return 0;
  const saved = checkpointFile.parse(JSON.parse(text));
  if (saved.training !== training) return 0;
  const bytes = Buffer.from(saved.data, 'base64');
  const tensors = tf.io.decodeWeights(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    saved.specs,
  );
  const variables = networks.flatMap(variablesOf);
  variables.forEach((variable, i) => variable.assign(tensors[`${i}`] ?? variable));
  await optimizer.setWeights(
    saved.specs.slice(variables.length).map(({ name }) => ({ name, tensor: tensors[name] ?? tf.scalar(0) })),
  );
  tf.dispose(tensors);
  return saved.step;
}

export const removeCheckpoint = (folder: string): Promise<void> => rm(fileOf(folder), { force: true });
