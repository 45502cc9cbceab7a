import { createRequire } from 'node:module';
import { z } from 'zod';

/** One output in several forms, by MIME type. A notebook, or a page made of it, shows the richest form that it can. */
export type MimeBundle = Readonly<Record<string, unknown>>;

interface DisplayData {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** Sends an output to the running cell, or, with `update`, replaces the output of the same `display_id`. */
export type WriteDisplay = (content: DisplayData, update: boolean) => void;

const kernelModule = z.object({ lastWriteDisplayData: z.custom<WriteDisplay>((value) => typeof value === 'function') });
const { cache } = createRequire(import.meta.url);

/**
 * The function that sends outputs to the notebook; undefined where no notebook runs this process. It is looked up among
 * the modules that the process has loaded, since the kernel may run another copy of tslab than `import` would find.
 * tslab's public `display` sends only one MIME type at a time; this function, which `display` calls, sends a chart and
 * its still picture as one output.
 */
export function kernelWriter(): WriteDisplay | undefined {
  const path = Object.keys(cache).find((name) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(name));
  const loaded = kernelModule.safeParse(path === undefined ? undefined : cache[path]?.exports);
  return loaded.success ? loaded.data.lastWriteDisplayData : undefined;
}

/** True in a cell of a notebook (a tslab kernel), false in a script or a test. */
export const inNotebook = (): boolean => kernelWriter() !== undefined;
