import { z } from 'zod';
import { type Random, shuffled } from '../work/index.js';
import { asTransform, parse } from './definition.js';
import { integer, probability } from './options.js';
import type { Transform } from './transform.js';

/** A transform made of transforms: for each image it chooses which of them to apply. */
export interface Group {
  readonly name: string;
  /** Checks the group's own options and returns it as plain data. @throws PipelineError `augment.invalidOption` */
  transform(options: object): Transform;
  /** The transforms to apply to one image, in order. @throws PipelineError `augment.invalidOption` */
  choose(group: Transform, random: Random): readonly Transform[];
}

const member = z.looseObject(
  { name: z.string({ error: 'the name of a transform' }), p: probability.optional() },
  { error: "a transform, such as { name: 'horizontalFlip' }" },
);
const members = z.array(member, { error: 'a list of transforms' }).min(1, 'a list of at least one transform');

const composeGroup = group('compose', { transforms: members }, ({ transforms }) => transforms);

const oneOfGroup = group('oneOf', { transforms: members }, ({ transforms }, random) => {
  let left = random() * transforms.reduce((total, { p = 1 }) => total + p, 0);
  const chosen = transforms.find(({ p = 1 }) => (left -= p) < 0);
  return chosen === undefined ? [] : [{ ...chosen, p: 1 }];
});

const someOfGroup = group('someOf', { n: integer(1, 1000), transforms: members }, ({ n, transforms }, random) => {
  const chosen = new Set(shuffled(transforms, random).slice(0, n));
  return transforms.filter((transform) => chosen.has(transform));
});

export const groups: ReadonlyMap<string, Group> = new Map(
  [composeGroup, oneOfGroup, someOfGroup].map((group) => [group.name, group]),
);

function group<Options extends z.ZodRawShape>(
  name: string,
  options: Options,
  choose: (options: z.output<z.ZodObject<Options>>, random: Random) => readonly Transform[],
): Group {
  const schema = z.strictObject(options);
  return {
    name,
    transform: (options) => asTransform(name, schema, options),
    choose: ({ name: _name, p: _p, ...options }, random) =>
      choose(parse(name, schema, options, 'augment.invalidOption'), random),
  };
}
