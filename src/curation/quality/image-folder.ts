import { opendir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type CatalogueSource, type Entry, folderSource } from '../../catalogue/index.js';
import { imageFormats } from '../../image/index.js';
import { PipelineError } from '../../work/index.js';

/** Whether a folder has a file of rows beside its images. */
export async function hasRows(folder: string): Promise<boolean> {
  const has = (name: string) =>
    stat(path.join(folder, name)).then(
      () => true,
      () => false,
    );
  return (await has('styles.csv')) || has('fields.json');
}

/** A folder as a source: one with a file of rows, or with nothing but images, which have their paths for ids. */
export async function sourceOf(
  folder: string,
  signal?: AbortSignal,
): Promise<Pick<CatalogueSource<Entry>, 'products' | 'image'>> {
  if (await hasRows(folder)) return folderSource<Entry>(folder);
  const files = await imagesIn(folder, signal);
  return {
    async *products() {
      for (const id of files) yield { id };
    },
    image: (id) => readFile(path.join(folder, String(id))),
  };
}

/** Extensions of the files that are taken for images, be they such or not. */
const endings = new RegExp(
  `\\.(${Object.values(imageFormats)
    .flatMap(({ extension, spellings }) => [extension, ...spellings])
    .join('|')}|bmp)$`,
  'i',
);

/** The images of a folder and the folders in it, in the order of their names. */
async function imagesIn(folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  const there = await stat(folder).catch(() => undefined);
  if (!there?.isDirectory())
    throw new PipelineError('inspect.noImages', `'${folder}' is not a folder. Give the folder with the images.`, {
      value: folder,
    });
  const files: string[] = [];
  const walk = async (under: string) => {
    for await (const entry of await opendir(path.join(folder, under))) {
      signal?.throwIfAborted();
      if (entry.isDirectory()) await walk(`${under}${entry.name}/`);
      else if (endings.test(entry.name)) files.push(`${under}${entry.name}`);
    }
  };
  await walk('');
  if (files.length === 0)
    throw new PipelineError('inspect.noImages', `'${folder}' has no images (.jpg, .png, .webp, …).`, { value: folder });
  return files.sort(new Intl.Collator('en', { numeric: true }).compare);
}
