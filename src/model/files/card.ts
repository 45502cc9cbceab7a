import { z } from 'zod';
import { fileBeside } from './model-json.js';

/** A number for all three channels, or one for each, in the order in which the net takes them. */
const perChannel = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])]);

const metric = z.object({
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
export const cardFile = z.object({
  name: z.string(),
  input: z.object({
    width: z.int().positive(),
    height: z.int().positive(),
    scale: perChannel,
    offset: perChannel,
    /** Default `rgb`. */
    channels: z.enum(['rgb', 'bgr']).optional(),
    /** The order of a batch's axes: images, height, width, channels (default), or the channels before the height. */
    layout: z.enum(['nhwc', 'nchw']).optional(),
  }),
  /**
   * The layer or node whose output is the embedding of an image: a vector, or a map of vectors, which is averaged.
   * Usually the features that the heads read.
   */
  embedding: z.string().optional(),
  /** What turns the outputs into probabilities; default `none`, since they are probabilities already. */
  activation: z.enum(['softmax', 'none']).optional(),
  attributes: z
    .array(
      z.object({
        name: z.string(),
        /** A list, or the name of a file with one label a line. */
        labels: z.union([z.array(z.string()).min(2), fileBeside]),
        /** The name of the net's output; without names, outputs and attributes are matched by their order. */
        output: z.string().optional(),
      }),
    )
    .min(1),
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
