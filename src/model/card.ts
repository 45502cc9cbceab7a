import { z } from 'zod';

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

/** What `pipeline.json` says of the weights beside it: what goes in, what comes out, how they came about, how good they are. */
export const modelCard = z.object({
  name: z.string(),
  input: z.object({ width: z.int().positive(), height: z.int().positive(), scale: z.number(), offset: z.number() }),
  /** The layer whose output, a vector an image, describes it best: the pooled features that the heads read. */
  embedding: z.string().optional(),
  attributes: z.array(z.object({ name: z.string(), labels: z.array(z.string()).min(2) })).min(1),
  /** On held-out images of the data set. */
  metrics: z.array(metric),
  /** On drawn images that were not trained on; empty where none were. */
  sampleMetrics: z.array(metric),
  training: z.object({
    images: z.int(),
    calibrationImages: z.int(),
    validationImages: z.int(),
    samples: z.int(),
    epochs: z.int(),
    seed: z.int(),
    /** By which each head's logits were divided. */
    temperatures: z.record(z.string(), z.number()),
    settings: z.record(z.string(), z.unknown()),
  }),
});
export type ModelCard = z.infer<typeof modelCard>;
export type Metric = z.infer<typeof metric>;
