import { createRequire } from 'node:module';
import { z } from 'zod';

/** One output in several forms, by MIME type; whoever shows it takes the richest that it can. */
export type MimeBundle = Readonly<Record<string, unknown>>;

interface DisplayData {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** Sends an output to the running cell, or (`update`) replaces the one of the same `display_id`. */
export type WriteDisplay = (content: DisplayData, update: boolean) => void;

const kernelModule = z.object({ lastWriteDisplayData: z.custom<WriteDisplay>((value) => typeof value === 'function') });
const { cache } = createRequire(import.meta.url);

/**
 * The way to the notebook that runs this process, where there is one. It is taken from the modules that the process has
 * loaded, not imported: the kernel may run from another copy of tslab than the one that `import` finds. tslab's public
 * `display` sends one MIME type at a time; a chart with a still picture beside it takes the writer below it.
 */
export function kernelWriter(): WriteDisplay | undefined {
  const path = Object.keys(cache).find((name) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(name));
  const loaded = kernelModule.safeParse(path === undefined ? undefined : cache[path]?.exports);
  return loaded.success ? loaded.data.lastWriteDisplayData : undefined;
}

/** True in a cell of a notebook (a tslab kernel), false in a script or a test. */
export const inNotebook = (): boolean => kernelWriter() !== undefined;
