import { z } from 'zod';
import { PipelineError } from '../work/index.js';
import { groups } from './groups.js';
import { definitionOf } from './registry.js';
import type { Transform } from './transform.js';

const list = z.array(z.looseObject({ name: z.string() }));

/**
 * Reads transforms from data that comes from outside (a message, a manifest, the command line): checks their options
 * and fills in the defaults.
 *
 * @throws PipelineError `augment.invalidTransforms`, `augment.unknownTransform` or `augment.invalidOption`
 *
 * @example
 * const transforms = checkTransforms(JSON.parse('[{ "name": "randomCrop", "width": 50, "height": 70 }]'));
 */
export function checkTransforms(value: unknown): Transform[] {
  const parsed = list.safeParse(value);
  if (!parsed.success) {
    const given = JSON.stringify(value);
    const message = `Transforms must be a list such as [{ "name": "horizontalFlip", "p": 0.5 }], not ${given}.`;
    throw new PipelineError('augment.invalidTransforms', message, { value });
  }
  return parsed.data.map(({ name, ...options }) => {
    const group = groups.get(name);
    if (group === undefined) return definitionOf(name).transform(options);
    const checked = group.transform(options);
    return { ...checked, transforms: checkTransforms(checked.transforms) };
  });
}
