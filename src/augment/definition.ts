import { z } from 'zod';
import type { RawImage, Region, Size } from '../image/index.js';
import { nearest, PipelineError, type Random } from '../work/index.js';
import { probability } from './options.js';
import type { Applied, Transform } from './transform.js';

/** All about one transform: how its options are checked, its parameters drawn, and pixels changed by them. */
export interface Definition {
  readonly name: string;
  /**
   * Checks the options, fills in the defaults, and returns the transform as plain data.
   *
   * @throws PipelineError `augment.invalidOption`
   */
  transform(options: object): Transform;
  /** Draws the parameters for one image. @throws PipelineError `augment.invalidOption`, `augment.imageTooSmall` */
  draw(transform: Transform, random: Random, size: Size): Applied;
  /** The size of the image afterwards. */
  sizeAfter(applied: Applied, size: Size): Size;
  /**
   * The rectangle of an image of this size that the transform keeps, if cutting it out is all that it does.
   *
   * @throws PipelineError `augment.imageTooSmall`
   */
  region(applied: Applied, size: Size): Region | undefined;
  /** Returns a changed copy of the image. @throws PipelineError `augment.invalidParameter` */
  apply(image: RawImage, applied: Applied): RawImage | Promise<RawImage>;
}

interface Spec<Options extends z.ZodRawShape, Parameters extends z.ZodRawShape> {
  options: Options;
  /** The shape of what `draw` returns; recorded parameters are checked by it too, since they come from a file. */
  parameters: Parameters;
  draw(options: z.output<z.ZodObject<Options>>, random: Random, size: Size): z.output<z.ZodObject<Parameters>>;
  /** Only where the transform changes the size. */
  sizeAfter?(parameters: z.output<z.ZodObject<Parameters>>, size: Size): Size;
  /** Only where the transform cuts a rectangle out and does nothing else. */
  region?(parameters: z.output<z.ZodObject<Parameters>>, size: Size): Region;
  apply(image: RawImage, parameters: z.output<z.ZodObject<Parameters>>): RawImage | Promise<RawImage>;
}

/** Makes a definition around `spec`: checks what comes in, so that `spec` receives typed options and parameters. */
export function define<Options extends z.ZodRawShape, Parameters extends z.ZodRawShape>(
  name: string,
  spec: Spec<Options, Parameters>,
): Definition {
  const optionsSchema = z.strictObject(spec.options);
  const parametersSchema = z.object(spec.parameters);
  const parametersOf = (applied: Applied) => parse(name, parametersSchema, applied, 'augment.invalidParameter');
  return {
    name,
    transform: (options) => asTransform(name, optionsSchema, options),
    draw({ name: _name, p: _p, ...options }, random, size) {
      const checked = parse(name, optionsSchema, options, 'augment.invalidOption');
      const parameters: object = spec.draw(checked, random, size);
      return { name, ...parameters };
    },
    sizeAfter: (applied, size) => spec.sizeAfter?.(parametersOf(applied), size) ?? size,
    region: (applied, size) => spec.region?.(parametersOf(applied), size),
    apply: (image, applied) => spec.apply(image, parametersOf(applied)),
  };
}

/** Returns the checked options with the name in front; `p` only if it was given. */
export function asTransform(name: string, schema: z.ZodObject, options: object): Transform {
  const withChance = schema.extend({ p: probability.optional() });
  return { name, ...parse(name, withChance, options, 'augment.invalidOption') };
}

/**
 * Checks a value by a schema. Each schema's own message names what is expected, so one sentence fits all: "rotate:
 * limit must be …, not …".
 */
export function parse<Schema extends z.ZodObject>(
  name: string,
  schema: Schema,
  value: unknown,
  code: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape);
    const [unknown = ''] = issue.keys;
    const [near] = nearest(unknown, known);
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    throw new PipelineError(code, `${name} has no '${unknown}'${hint || '.'} It takes ${known.join(', ')}.`, {
      value: unknown,
    });
  }
  const path = issue?.path.join('.') ?? '';
  const given = issue?.input === undefined ? 'it is missing' : `not ${JSON.stringify(issue.input)}`;
  throw new PipelineError(code, `${name}: ${path} must be ${issue?.message}, ${given}.`, { value: issue?.input });
}
