import type { Model } from '../model/index.js';
import { didYouMean, PipelineError } from '../work/index.js';

type Attributes = Model['attributes'];

/**
 * The attributes with these names, each with its labels, in the order of the names.
 *
 * @throws PipelineError `curation.unknownAttribute` where there is no attribute of that name.
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
