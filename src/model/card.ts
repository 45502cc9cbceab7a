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
  /** On held-out images of its data set, where the kit trained it; so the rest. */
  metrics: z.array(metric).optional(),
  /** On drawn images that were not trained on; empty where none were. */
  sampleMetrics: z.array(metric).optional(),
  training: z
    .object({
    images: z.int(),
    calibrationImages: z.int(),
    validationImages: z.int(),
    samples: z.int(),
    epochs: z.int(),
    seed: z.int(),
    /** By which each head's logits were divided. */
    temperatures: z.record(z.string(), z.number()),
    settings: z.record(z.string(), z.unknown()),
  })
  .optional(),
});
export type ModelCard = z.infer<typeof modelCard>;
/** The card of a model that the kit trained. */
export type TrainedCard = ModelCard & Required<Pick<ModelCard, 'metrics' | 'sampleMetrics' | 'training'>>;
export type Metric = z.infer<typeof metric>;
