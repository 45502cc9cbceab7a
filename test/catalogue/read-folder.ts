import {
  type Entry,
  type FileFacts,
  type FolderOptions,
  folderSource,
  type RowProblem,
} from '../../src/catalogue/index.js';

/** All that a folder gives: its products, what is wrong with its rows, and how its file was read. */
export async function readFolder<P extends Entry>(
  folder: string,
  options?: FolderOptions<P>,
): Promise<{ products: Entry[]; problems: RowProblem[]; facts: FileFacts | undefined }> {
  const products: Entry[] = [];
  const problems: RowProblem[] = [];
  const source = await folderSource(folder, options);
  let facts: FileFacts | undefined;
  for await (const product of source.products(
    undefined,
    (problem) => problems.push(problem),
    (found) => {
      facts = found;
    },
  ))
    products.push(product);
  return { products, problems, facts };
}
