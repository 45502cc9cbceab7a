import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { count, inWords, messageOf, type OnProgress, PipelineError, Tracker } from '../../work/index.js';
import { idOfImageKey } from '../id.js';

/** Kaggle's public API, which needs no account for this data set. */
export const kaggleUrl = 'https://www.kaggle.com/api/v1/datasets/download/paramaggarwal/fashion-product-images-small';

const remedy = 'Try again, or download it in a browser, unzip it and use --dataset DIR.';

/**
 * What a zip may unpack to: so many times its own size, or so many bytes. Images hardly shrink in a zip, and a CSV to a
 * tenth; what is larger was made to fill a disk.
 */
const mostUnpacked = { times: 50, bytes: 50e6 };

/**
 * Downloads the data set's zip and unpacks `styles.csv` and `images/<id>.jpg` into a folder. The zip has every file
 * twice; the copies are skipped. `styles.csv` is written last: where a folder has it, nothing is downloaded.
 *
 * @returns Whether it was downloaded, or found complete.
 * @throws PipelineError `download.failed`, `download.notAZip`, `file.noSpace`, `file.notWritten`.
 *
 * @example
 * import { terminalProgress } from '../../work/index.js';
 * await downloadDataset('data', { onProgress: terminalProgress() });
 */
export async function downloadDataset(
  folder: string,
  {
    url = kaggleUrl,
    signal,
    onProgress,
  }: { url?: string | undefined; signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined } = {},
): Promise<'downloaded' | 'found'> {
  if (await exists(path.join(folder, 'styles.csv'))) return 'found';
  await mkdir(path.join(folder, 'images'), { recursive: true });
  const zip = path.join(folder, 'download.zip');
  try {
    await fetchFile(url, zip, signal, onProgress);
    await unzip(zip, url, folder, signal, onProgress);
  } finally {
    await rm(zip, { force: true });
  }
  return 'downloaded';
}

async function fetchFile(url: string, file: string, signal?: AbortSignal, onProgress?: OnProgress): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new PipelineError('download.failed', `${url} cannot be downloaded: ${why}. ${remedy}`, { value: url, cause });
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body) throw failed(`it answers ${response.status} ${response.statusText}`);
    const megabyte = 1e6;
    const length = Number(response.headers.get('content-length'));
    const tracker = new Tracker('download', 'MB', length ? Math.round(length / megabyte) : undefined, onProgress);
    let bytes = 0;
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          tracker.tick(Math.floor(bytes / megabyte) - tracker.done);
          yield chunk;
        }
      },
      (chunks) => inWords(file, () => writeFile(file, chunks, { signal })),
    );
    tracker.end();
  } catch (error) {
    if (signal?.aborted || error instanceof PipelineError) throw error;
    throw failed(error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error), error);
  }
}

async function unzip(
  file: string,
  url: string,
  folder: string,
  signal?: AbortSignal,
  onProgress?: OnProgress,
): Promise<void> {
  const styles = path.join(folder, 'styles.csv');
  let stylesFound = false;
  try {
    const { default: yauzl } = await import('yauzl');
    const zip = await yauzl.openPromise(file);
    const tracker = new Tracker('unzip', 'files', undefined, onProgress);
    const limit = Math.max(mostUnpacked.bytes, mostUnpacked.times * (await stat(file)).size);
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      const image = idOfImageKey(entry.fileName) !== undefined;
      if (!image && entry.fileName !== 'styles.csv') continue;
      // The sizes are what the zip says; reading an entry fails where it is not true.
      unpacked += entry.uncompressedSize;
      if (unpacked > limit) throw new Error(`it unpacks to more than ${count(limit)} bytes`);
      stylesFound ||= !image;
      // Names in a zip can be anything: only files of those two forms are written.
      const target = image ? path.join(folder, entry.fileName) : `${styles}.partial`;
      await inWords(target, async () => {
        // A reader that waited for the file to be open would miss an error of the zip.
        await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target), signal ? { signal } : {});
      });
      tracker.tick();
    }
    tracker.end();
  } catch (cause) {
    if (signal?.aborted || cause instanceof PipelineError) throw cause;
    throw new PipelineError(
      'download.notAZip',
      `What was downloaded from ${url} is not a complete zip of a data set: ${messageOf(cause)}. ${remedy}`,
      { value: url, cause },
    );
  }
  if (!stylesFound)
    throw new PipelineError(
      'download.notAZip',
      `The zip that was downloaded from ${url} has no styles.csv. ${remedy}`,
      { value: url },
    );
  await rename(`${styles}.partial`, styles);
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
