import { inNotebook } from './kernel.js';

/** The texts of each field of the catalogues that were connected to, of one that several have, those of the last. */
const offered = new Map<string, readonly string[]>();

/**
 * Has the notebook's completion offer the values of fields between quotes (notebooks/kernels/tslab/values.cjs asks
 * here); does nothing elsewhere. Fields of numbers have no quotes.
 */
export function offerValues(
  values: Readonly<Record<string, readonly (readonly [value: string | number | boolean, products: number])[] | null>>,
): void {
  if (!inNotebook()) return;
  for (const [field, counts] of Object.entries(values)) {
    const texts = counts?.flatMap(([value]) => (typeof value === 'string' ? [value] : [])) ?? [];
    if (texts.length > 0) offered.set(field, texts);
    else offered.delete(field);
  }
  Object.defineProperty(globalThis, Symbol.for('ml-pipeline.values'), {
    value: (field: string) => offered.get(field),
    configurable: true,
  });
}
