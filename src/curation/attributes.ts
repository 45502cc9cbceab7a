import type { Model } from '../model/index.js';
import { didYouMean, PipelineError } from '../work/index.js';

type Attributes = Model['attributes'];

/**
 * The attributes of these names, with their labels, in the names' order.
 *
 * @throws PipelineError `curation.unknownAttribute`.
 */
export function attributesNamed(known: Attributes, names: readonly string[]): Attributes {
  return names.map((name) => {
    const attribute = known.find((candidate) => candidate.name === name);
    if (attribute !== undefined) return attribute;
    const all = known.map((candidate) => candidate.name);
    const hint = didYouMean(name, all) || ` It predicts ${all.join(', ')}.`;
    throw new PipelineError('curation.unknownAttribute', `The model does not predict '${name}'.${hint}`, {
      value: name,
    });
  });
}
