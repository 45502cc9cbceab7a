import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { opendir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { inWords, isLeftOver, replaceFile } from '../../work/index.js';
import type { Bytes } from '../formats/index.js';
import type { Place, There } from './place.js';

/** A folder of this machine; `root` is its whole path. */
export function localPlace(root: string, name: string): Place {
  const at = (file: string) => path.join(root, ...file.split('/'));
  return {
    name,
    async files(signal) {
      const files = new Map<string, There>();
      await inWords(name, () => walk('', files, signal));
      return files;
    },
    async md5(file) {
      const hash = createHash('md5');
      for await (const some of createReadStream(at(file))) hash.update(some as Uint8Array);
      return hash.digest('hex');
    },
    read: (file) =>
      readFile(at(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      }),
    write: (file, content, signal) => replaceFile(at(file), bytesOf(content), signal),
    dataset: () => Promise.resolve(undefined),
    async remove(files) {
      for (const file of files) await rm(at(file), { force: true });
      // A folder that is empty now would be a class without images.
      for (const folder of foldersOf(files)) await rmdir(at(folder)).catch(() => {});
    },
  };

  async function walk(folder: string, files: Map<string, There>, signal: AbortSignal | undefined): Promise<void> {
    const entries = await opendir(at(folder)).catch((error: NodeJS.ErrnoException) => {
      if (folder === '' && error.code === 'ENOENT') return [] as Dirent[];
      throw error;
    });
    for await (const entry of entries) {
      signal?.throwIfAborted();
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await walk(file, files, signal);
      else if (isLeftOver(entry.name)) await rm(at(file), { force: true });
      else files.set(file, { bytes: (await stat(at(file)).catch(() => undefined))?.size ?? 0 });
    }
  }
}

async function* bytesOf(content: AsyncIterable<Bytes> | Iterable<Bytes>): AsyncGenerator<Uint8Array> {
  for await (const some of content) yield typeof some === 'string' ? Buffer.from(some) : some;
}

/** The folders of files, the innermost first. */
function foldersOf(files: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const file of files)
    for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) folders.add(file.slice(0, at));
  return [...folders].sort((a, b) => b.length - a.length);
}
