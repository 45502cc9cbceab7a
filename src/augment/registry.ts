import { didYouMean, PipelineError } from '../work/index.js';
import { affineDefinition, rotateDefinition } from './affine.js';
import { gaussianBlurDefinition } from './blur.js';
import { brightnessContrastDefinition, hueSaturationDefinition, toGrayDefinition } from './colour.js';
import { centerCropDefinition, randomCropDefinition } from './crop.js';
import type { Definition } from './definition.js';
import { coarseDropoutDefinition } from './dropout.js';
import { horizontalFlipDefinition, verticalFlipDefinition } from './flip.js';
import { groups } from './groups.js';
import { jpegCompressionDefinition } from './jpeg.js';
import { gaussianNoiseDefinition } from './noise.js';
import { padDefinition } from './pad.js';
import { resizeDefinition } from './resize.js';

const definitions: ReadonlyMap<string, Definition> = new Map(
  [
    randomCropDefinition,
    centerCropDefinition,
    resizeDefinition,
    padDefinition,
    horizontalFlipDefinition,
    verticalFlipDefinition,
    rotateDefinition,
    affineDefinition,
    brightnessContrastDefinition,
    hueSaturationDefinition,
    gaussianBlurDefinition,
    gaussianNoiseDefinition,
    coarseDropoutDefinition,
    toGrayDefinition,
    jpegCompressionDefinition,
  ].map((definition) => [definition.name, definition]),
);

/** The names of all transforms, groups last. */
export const transformNames: readonly string[] = [...definitions.keys(), ...groups.keys()];

/** The definition of a single transform (not of a group). @throws PipelineError `augment.unknownTransform` */
export function definitionOf(name: string): Definition {
  const definition = definitions.get(name);
  if (definition !== undefined) return definition;
  const hint = didYouMean(name, transformNames) || ` The transforms are ${transformNames.join(', ')}.`;
  throw new PipelineError('augment.unknownTransform', `There is no transform '${name}'.${hint}`, { value: name });
}
