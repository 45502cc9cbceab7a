import { z } from 'zod';
import { fileBeside } from './model-json.js';

/** A number for all three channels, or one for each, in the order in which the net takes them. */
const perChannel = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])]);

const metric = z.object({
  attribute: z.string(),
  /** The share of images whose label the model finds, from 0 to 1. */
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
 * `pipeline.json`, which says of the net beside it: what goes in, what comes out, how it came about, how good it is.
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
   * The layer or node whose output describes an image best, a vector, or a map of them that is averaged: the features
   * that the heads read.
   */
  embedding: z.string().optional(),
  /** What turns the outputs into probabilities; default `none`: they are such. */
  activation: z.enum(['softmax', 'none']).optional(),
  attributes: z
    .array(
      z.object({
        name: z.string(),
        /** Or the file that has them, one a line. */
        labels: z.union([z.array(z.string()).min(2), fileBeside]),
        /** The net's output that is meant; without it, outputs and attributes go by their order. */
        output: z.string().optional(),
      }),
    )
    .min(1),
  /** On held-out images of its data set, where the kit trained it; so the rest. */
  metrics: z.array(metric).optional(),
  /** On drawn images that were not trained on; empty where none were. */
  sampleMetrics: z.array(metric).optional(),
  training: z.record(z.string(), z.unknown()).optional(),
});
type CardFile = z.infer<typeof cardFile>;
/** A card with all its labels at hand. */
export type ModelCard = Omit<CardFile, 'attributes'> & {
  attributes: (Omit<CardFile['attributes'][number], 'labels'> & { labels: string[] })[];
};
export type Metric = z.infer<typeof metric>;

/** How a model of the kit came about. */
export interface Training {
  images: number;
  calibrationImages: number;
  validationImages: number;
  /** Drawn images among those trained on. */
  samples: number;
  epochs: number;
  seed: number;
  /** By which each head's logits were divided. */
  temperatures: Record<string, number>;
  /** Of the images remembered: how many, and how accurate the net is without them, by attribute. */
  memory?: { images: number; accuracyWithout: Record<string, number> };
  settings: Record<string, unknown>;
}
/** The card of a model that the kit trained. */
export type TrainedCard = ModelCard & Required<Pick<ModelCard, 'metrics' | 'sampleMetrics'>> & { training: Training };
