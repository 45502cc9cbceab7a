import { z } from 'zod';
import { didYouMean } from '../../work/index.js';
import { fileBeside } from './model-json.js';

/** An object with these keys alone: a misspelt one would change what the model sees, and nobody would notice. */
const strict = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => {
  const keys = Object.keys(shape);
  const unknown = (key: string) =>
    `There is no '${key}'.${didYouMean(key, keys) || ` The names here are ${keys.join(', ')}.`}`;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map(unknown).join(' ') : undefined),
  });
};

/** A number for all channels, or one for each of three, in the order in which the net takes them. */
const perChannel = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])], {
  error: 'It is a number, or a list of three',
});

const labels = 'It is a list of two texts or more, or the name of a file beside it with one label a line';

const activation = z.enum(['softmax', 'sigmoid', 'none']);

const metric = strict({
  attribute: z.string(),
  /** The share of images whose label is the likeliest one, from 0 to 1. */
  accuracy: z.number(),
  /** The share of images whose label is among the five likeliest. */
  top5: z.number(),
  /** The mean of the labels' F1 scores. */
  macroF1: z.number(),
  /** The accuracy of always guessing the most frequent label. */
  majority: z.number(),
  /** The expected calibration error. */
  calibrationError: z.number(),
  /** Images that have a value for the attribute. */
  images: z.int(),
});

/**
 * `pipeline.json`, which describes the net beside it: its input, its outputs, how it was trained, how good it is.
 */
export const cardFile = strict({
  name: z.string(),
  input: strict({
    width: z.int().positive(),
    height: z.int().positive(),
    scale: perChannel.default(1),
    offset: perChannel.default(0),
    /** Default `grey` where the net takes one channel, otherwise `rgb`. */
    channels: z.enum(['rgb', 'bgr', 'grey']).optional(),
    /** The order of a batch's axes: images, height, width, channels (default), or the channels before the height. */
    layout: z.enum(['nhwc', 'nchw']).optional(),
    /**
     * How an image of other proportions gets the net's: it is stretched (default), its middle is cut out, or it gets a
     * border.
     */
    fit: z.enum(['stretch', 'crop', 'pad']).optional(),
    /** The grey level of that border, from 0 (black, the default) to 255. */
    fill: z.int().min(0).max(255).optional(),
    /** How pixels are computed when an image is scaled; default `lanczos`. */
    filter: z.enum(['lanczos', 'nearest', 'bilinear', 'bicubic']).optional(),
  }),
  /**
   * The layer or node whose output is the embedding of an image: a vector, or a map of vectors, which is averaged.
   * Usually the features that the heads read.
   */
  embedding: z.string().optional(),
  /**
   * What the outputs go through, unless the net itself ends with it. `softmax`: one of the labels holds. `sigmoid`:
   * each label holds or not. Default `none`: the outputs are probabilities of labels of which one holds.
   */
  activation: activation.optional(),
  attributes: z
    .array(
      strict({
        name: z.string(),
        /** A list, or the name of a file with one label a line. */
        labels: z.union([z.array(z.string()).min(2, { error: labels }), fileBeside], { error: labels }),
        /** The name of the net's output; without names, outputs and attributes are matched by their order. */
        output: z.string().optional(),
        /** As for the whole model, for this attribute. */
        activation: activation.optional(),
      }),
    )
    .min(1)
    .superRefine((attributes, context) => {
      const names = attributes.map(({ name }) => name);
      const twice = names.find((name, i) => names.indexOf(name) < i);
      if (twice !== undefined) context.addIssue(`There are two attributes with the name '${twice}'`);
    }),
  /**
   * The file that says on which images the model was trained: the first four bytes of the MD5 of each, in ascending
   * order.
   */
  trainedOn: fileBeside.optional(),
  /**
   * The fingerprint of the model whose embedding a head of the kit reads, where this model has the very same
   * embedding.
   */
  headOf: z.string().optional(),
  /** Measured on held-out images of the data set. This field and those below are written by the kit's training. */
  metrics: z.array(metric).optional(),
  /** Measured on drawn images that were held out; empty if no drawn images were used. */
  sampleMetrics: z.array(metric).optional(),
  training: z.record(z.string(), z.unknown()).optional(),
});
type CardFile = z.infer<typeof cardFile>;
/** A card whose labels are all read from their files. */
export type ModelCard = Omit<CardFile, 'attributes'> & {
  attributes: (Omit<CardFile['attributes'][number], 'labels'> & { labels: string[] })[];
};
export type Metric = z.infer<typeof metric>;

/** How a model was trained by the kit. */
export interface Training {
  images: number;
  calibrationImages: number;
  validationImages: number;
  /** Drawn images among those trained on. */
  samples: number;
  epochs: number;
  seed: number;
  /** What each head's logits were divided by. */
  temperatures: Record<string, number>;
  /** How many images the model remembers, and its accuracy without them, by attribute. */
  memory?: { images: number; accuracyWithout: Record<string, number> };
  settings: Record<string, unknown>;
}
/** The card of a model that the kit trained. */
export type TrainedCard = ModelCard & Required<Pick<ModelCard, 'metrics' | 'sampleMetrics'>> & { training: Training };
