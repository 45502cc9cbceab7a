import { visible } from '../../work/index.js';
import { kernelWriter, type MimeBundle } from './kernel.js';
import { sayRejections } from './rejections.js';

/** One output in several forms, each made only where it is needed. */
export type Forms = Readonly<Record<string, () => unknown>> & { readonly 'text/plain': () => string };

/** An output in all its forms. */
export const bundleOf = (forms: Forms): MimeBundle =>
  Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, form()]));

/** Sends an output to the notebook in all its forms, or prints its text where there is no notebook. */
export function put(forms: Forms, write = kernelWriter()): void {
  if (write === undefined) {
    console.log(visible(forms['text/plain']()));
    return;
  }
  sayRejections(write);
  write({ data: bundleOf(forms), metadata: {}, transient: {} }, false);
}

/**
 * The same for an output that takes time to make, or several: it goes to the cell that asked for it, even if another
 * one runs by then.
 */
export async function putLater(forms: (inNotebook: boolean) => Promise<Forms | readonly Forms[]>): Promise<void> {
  const write = kernelWriter();
  for (const each of [await forms(write !== undefined)].flat()) put(each, write);
}
