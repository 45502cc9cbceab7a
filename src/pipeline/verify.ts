import { isDeepStrictEqual } from 'node:util';
import { augmentImage } from '../augment/index.js';
import { type Aws, getBytes, md5 } from '../aws/index.js';
import { Failures } from '../catalogue/index.js';
import {
  checkFolder,
  checkObjects,
  type Dataset,
  derivedFolders,
  imageOfProduct,
  readDataset,
  readManifest,
} from '../dataset/index.js';
import type { Model } from '../model/index.js';
import {
  concurrently,
  messageOf,
  PipelineError,
  randomFrom,
  type StepOptions,
  shuffled,
  Tracker,
  toFloat16,
} from '../work/index.js';
import { variantId } from './augment.js';
import { inferPart } from './infer.js';
import { withModel } from './models.js';
import { type Fault, Verification, type VerifiedFolder } from './verification.js';

/**
 * How thoroughly a data set is verified.
 *
 * @example
 * const options: VerifyOptions = { rebuild: 'all' };
 * console.log(String(await pipeline.verify('fall_shoes', options)));
 */
export interface VerifyOptions extends StepOptions {
  /** How many rows of each folder are made again and compared, drawn at random; `all` of them; default none. */
  rebuild?: number | 'all';
  /** The model that made the predictions; default the shipped one. */
  model?: Model;
  /** Another seed draws other rows; default 0. */
  seed?: number;
}

/** Verifies a data set and what was derived from it. */
export async function verifyDataset(aws: Aws, folder: string, options: VerifyOptions = {}): Promise<Verification> {
  const { rebuild = 0, signal } = options;
  if (rebuild !== 'all' && !(Number.isInteger(rebuild) && rebuild >= 0))
    throw new PipelineError('verify.badRebuild', `'rebuild' is ${rebuild}; give a whole number, or 'all'.`, {
      value: rebuild,
    });
  checkFolder(folder);
  const folders: VerifiedFolder[] = [];
  const verifyFrom = async (name: string): Promise<void> => {
    const verified = await verifyFolder(aws, name, options);
    if (!verified) return;
    folders.push(verified);
    signal?.throwIfAborted();
    for (const derived of await derivedFolders(aws, name, signal)) await verifyFrom(`${name}/${derived}`);
  };
  await verifyFrom(folder);
  if (folders.length > 0) return new Verification(folders);
  // Says which others there are.
  await readDataset(aws, folder);
  return new Verification(folders);
}

async function verifyFolder(aws: Aws, folder: string, options: VerifyOptions): Promise<VerifiedFolder | undefined> {
  const { signal } = options;
  const manifest = await readManifest(aws, folder, signal);
  if (!manifest) return undefined;
  const { right, faults } = await checkObjects(aws, folder, manifest, signal);
  const found = { folder, images: manifest.images.length, right, rebuilt: 0, same: 0, faults };
  try {
    const { rebuilt, wrong } = await rebuildSome(aws, await readDataset(aws, folder), options);
    return { ...found, rebuilt, same: rebuilt - wrong.length, faults: [...faults, ...wrong] };
  } catch (error) {
    if (!(error instanceof PipelineError && error.code.startsWith('dataset.'))) throw error;
    return { ...found, faults: [...faults, { file: 'metadata.json', problem: `is not right: ${messageOf(error)}` }] };
  }
}

/** Makes some rows again, and says which came out another way. */
async function rebuildSome(
  aws: Aws,
  dataset: Dataset,
  { rebuild = 0, seed = 0, model, signal, onProgress }: VerifyOptions,
): Promise<{ rebuilt: number; wrong: Fault[] }> {
  const { rows, manifest } = dataset;
  const drawn = shuffled([...rows.keys()], randomFrom(seed, 'verify'));
  const chosen = rebuild === 'all' ? drawn : drawn.slice(0, rebuild);
  if (chosen.length === 0) return { rebuilt: 0, wrong: [] };
  const tracker = new Tracker('verify', 'images', chosen.length, onProgress);
  const faultOf = manifest.kind === 'predictions' ? await predicted(aws, dataset, chosen, model, signal) : made;
  const faults = await concurrently(
    chosen,
    async (i) => {
      const problem = await faultOf(aws, dataset, i, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        return `cannot be made again: ${messageOf(error)}`;
      });
      tracker.tick();
      return problem === undefined ? [] : [{ file: manifest.images[i]?.file ?? '', problem }];
    },
    { concurrency: 8, signal },
  );
  tracker.end();
  return { rebuilt: chosen.length, wrong: faults.flat() };
}

type FaultOf = (aws: Aws, dataset: Dataset, i: number, signal: AbortSignal | undefined) => Promise<string | undefined>;

/** Copies or augments an image again. */
const made: FaultOf = async (aws, { rows, manifest }, i, signal) => {
  const { augmentation } = manifest;
  const [row, image] = [rows[i], manifest.images[i]];
  if (!row || !image) return undefined;
  const { source } = image;
  const elsewhere = source.includes('://');
  const original = await (elsewhere
    ? imageOfProduct(aws, { id: row.id, imagePath: source }, signal)
    : getBytes(aws, source, signal));
  if (!augmentation) return md5(original) === image.etag ? undefined : `is not what ${image.source} is now`;
  const variant = Number(row.variant);
  const { data, applied } = await augmentImage(original, augmentation.transforms, {
    ...augmentation,
    id: variantId(row.id, image.source),
    variant,
  });
  if (md5(data) !== image.etag) return `comes out with other bytes when it is made again of ${image.source}`;
  return isDeepStrictEqual(JSON.parse(JSON.stringify(applied)), row.transforms)
    ? undefined
    : 'comes out with other parameters than its row has';
};

/** Infers from images again. */
function predicted(
  aws: Aws,
  dataset: Dataset,
  chosen: readonly number[],
  given: Model | undefined,
  signal: AbortSignal | undefined,
): Promise<FaultOf> {
  return withModel(given, signal, async (model) => {
    const { rows, manifest, uri } = dataset;
    const { fingerprint, name } = manifest.model ?? { fingerprint: '', name: 'none' };
    if (model.fingerprint !== fingerprint)
      throw new PipelineError(
        'verify.otherModel',
        `The predictions in ${uri} are of the model ${name} ${fingerprint}, not of ${model.name} ` +
          `${model.fingerprint}. Give that model: { model: await loadModel(…) }.`,
        { value: fingerprint },
      );
    const originals = {
      rows: chosen.flatMap((i) => rows[i] ?? []),
      images: chosen.flatMap((i) => manifest.images[i] ?? []),
    };
    // Each that fails is named below.
    const failures = new Failures(chosen.length, Infinity);
    const tracker = new Tracker('infer', 'images', chosen.length, undefined);
    const again = await inferPart(aws, originals, model, new Map(), { failures, tracker, signal });
    const { embeddings, dimensions } =
      manifest.dimensions === undefined ? { embeddings: undefined, dimensions: 0 } : await dataset.embeddings();
    const kept = embeddings && Buffer.from((await toFloat16(embeddings)).buffer);
    const bytesAt = (bytes: Uint8Array | undefined, i: number) =>
      Buffer.from(bytes?.subarray(2 * i * dimensions, 2 * (i + 1) * dimensions) ?? []);
    const places = new Map(again.rows.map(({ imagePath }, i) => [imagePath, i]));
    return async (_, __, i) => {
      const row = rows[i];
      const place = places.get(row?.imagePath ?? '');
      if (place === undefined)
        return `cannot be made again: ${failures.sorted.find(({ id }) => id === row?.id)?.reason}`;
      if (!isDeepStrictEqual(again.rows[place], row)) return 'gets other predictions when they are made again';
      return bytesAt(again.embeddings, place).equals(bytesAt(kept, i))
        ? undefined
        : 'gets another embedding when it is made again';
    };
  });
}
