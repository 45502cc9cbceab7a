import { z } from 'zod';
import type { RawImage, Region, Size } from '../image/index.js';
import { nearest, PipelineError, type Random } from '../work/index.js';
import { probability } from './options.js';
import type { Applied, Transform } from './transform.js';

/** What the kit knows of one transform: how to check its options, draw its parameters and change pixels by them. */
export interface Definition {
  readonly name: string;
  /**
   * The transform as plain data, its options checked and its defaults filled in. @throws PipelineError
   * `augment.invalidOption`
   */
  transform(options: object): Transform;
  /** The parameters for one image. @throws PipelineError `augment.invalidOption`, `augment.imageTooSmall` */
  draw(transform: Transform, random: Random, size: Size): Applied;
  /** The size of the image afterwards. */
  sizeAfter(applied: Applied, size: Size): Size;
  /** The rectangle that is all that it takes of an image of this size. @throws PipelineError `augment.imageTooSmall` */
  region(applied: Applied, size: Size): Region | undefined;
  /** The changed image; the given one is left as it is. @throws PipelineError `augment.invalidParameter` */
  apply(image: RawImage, applied: Applied): RawImage | Promise<RawImage>;
}

interface Spec<Options extends z.ZodRawShape, Parameters extends z.ZodRawShape> {
  options: Options;
  /** What `draw` returns; read back with it, since recorded parameters come from a file. */
  parameters: Parameters;
  draw(options: z.output<z.ZodObject<Options>>, random: Random, size: Size): z.output<z.ZodObject<Parameters>>;
  /** Only where the transform changes the size. */
  sizeAfter?(parameters: z.output<z.ZodObject<Parameters>>, size: Size): Size;
  /** Only where the transform cuts a rectangle out and does nothing else. */
  region?(parameters: z.output<z.ZodObject<Parameters>>, size: Size): Region;
  apply(image: RawImage, parameters: z.output<z.ZodObject<Parameters>>): RawImage | Promise<RawImage>;
}

/** Makes a definition: between the checks, `spec` deals with typed options and parameters only. */
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

/** The checked options with the name in front; `p` only where it was given. */
export function asTransform(name: string, schema: z.ZodObject, options: object): Transform {
  const withChance = schema.extend({ p: probability.optional() });
  return { name, ...parse(name, withChance, options, 'augment.invalidOption') };
}

/**
 * Every schema's own message says what is expected, so that one sentence fits all: "rotate: limit must be …, not …".
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
