import { PipelineError } from '../../errors.js';
import { Tracker, type OnProgress } from '../../progress.js';
import { readModelFiles } from '../files.js';
import { openLayers } from '../net.js';
import type { ModelInput } from '../preprocess.js';
import { scoresOf } from './evaluate.js';
import type { Example, Head } from './examples.js';

/**
 * What a teacher, a model that was trained before, says of each example, seen both ways round: the probabilities of all heads' labels in a
 * row. A net that learns from them beside the labels becomes better than its teacher (Furlanello et al. 2018, https://arxiv.org/abs/1805.04770).
 *
 * @throws PipelineError `training.otherTeacher` where its input or labels are others; of {@link readModelFiles} and {@link openLayers}.
 */
export async function lessonsOf(
  source: string,
  examples: readonly Example[],
  heads: readonly Head[],
  input: ModelInput,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined },
): Promise<Float32Array[]> {
  const files = await readModelFiles(source);
  const { attributes, input: taken } = files.card;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const differing = same(shape(taken), shape(input)) ? heads.find(({ name, labels }, i) => !same([name, labels], [attributes[i]?.name, attributes[i]?.labels]))?.name : 'input';
  if (differing !== undefined) {
    const message = `The model at '${source}' cannot teach this one: its ${differing} is another. Give as teacher a model that was trained on the same images.`;
    throw new PipelineError('training.otherTeacher', message, { value: source });
  }
  const model = await openLayers(files, source);
  const tracker = new Tracker('learn from the teacher', 'images', examples.length, onProgress);
  const lessons: Float32Array[] = [];
  for (let from = 0; from < examples.length; from += tick) {
    signal?.throwIfAborted();
    const some = examples.slice(from, from + tick);
    const views = [some, some.map((example) => ({ ...example, pixels: mirrored(example.pixels, input) }))].map((view) => scoresOf(model, view, heads, input));
    lessons.push(...some.map((_, i) => Float32Array.from(heads.flatMap(({ labels }, head) => labels.map((_, label) => mean(views.map((view) => view[head]?.[i * labels.length + label] ?? 0)))))));
    tracker.tick(some.length);
  }
  tracker.end();
  model.dispose();
  return lessons;
}

/** Images between two reports of progress. */
const tick = 512;

const shape = ({ width, height, scale, offset }: ModelInput) => [width, height, scale, offset];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function mirrored(pixels: Uint8Array, { width, height }: ModelInput): Uint8Array {
  const to = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      to.set(pixels.subarray(at, at + 3), (y * width + width - 1 - x) * 3);
    }
  return to;
}
