import { z } from 'zod';
import { idSchema } from '../catalogue/index.js';
import { encodings } from '../image/index.js';
import { viewStepSchema } from './view.js';

const failure = z.object({ id: idSchema, stage: z.string(), code: z.string(), reason: z.string() });

export const manifestSchema = z.object({
  version: z.literal(1),
  /** The version of the kit that wrote it. */
  kit: z.string(),
  kind: z.enum(['export', 'augmented', 'predictions', 'saved']),
  /** The files beside it; absent in version 0.2 and before. */
  files: z.array(z.string()).optional(),
  /** For an export: what was asked of the catalogue, and how it was read. */
  query: z.object({ name: z.string().optional(), where: z.unknown(), table: z.string(), plan: z.string() }).optional(),
  /** The columns of the metadata, where they are not the fashion catalogue's. */
  columns: z.array(z.string()).optional(),
  /** For a derived or saved data set: the folder that it was made from, and a digest of what lay there. */
  parent: z.object({ folder: z.string(), digest: z.string() }).optional(),
  /** For a saved view: how its rows were chosen from its parent's, in words and step by step, and why it was saved. */
  view: z.object({ rule: z.string(), reason: z.string(), steps: z.array(viewStepSchema).readonly() }).optional(),
  /** For augmented images. */
  augmentation: z
    .object({
      transforms: z.array(z.looseObject({ name: z.string() })),
      seed: z.number(),
      variants: z.number(),
      quality: z.number(),
      /** Absent for JPEG. */
      format: z.enum(encodings).optional(),
    })
    .optional(),
  /** For predictions. */
  model: z.object({ name: z.string(), fingerprint: z.string(), backend: z.string() }).optional(),
  /** Rows of metadata. */
  count: z.number(),
  /** How many numbers each row of embeddings.f16 has, where there is one. */
  dimensions: z.int().positive().optional(),
  failures: z.array(failure),
  /**
   * An image for each row, in their order: its file as seen from the folder (predictions have their parent's), the MD5
   * of its bytes in hex (its ETag, where it is neither encrypted by KMS nor put in parts), and what it was made from.
   */
  images: z.array(z.object({ id: idSchema, file: z.string(), etag: z.string(), source: z.string() })),
  /** A digest of the rows and images of the whole data set; absent in version 0.2 and before. */
  digest: z.string().optional(),
});

/**
 * Where a data set comes from: what made it, from what, and every image with its MD5. It has no times in it, so that a
 * re-run writes the same bytes.
 */
export interface Manifest extends z.infer<typeof manifestSchema> {}

/** What a manifest says of where a data set comes from; the rest is counted as it is written. */
export type Lineage = Omit<Manifest, 'version' | 'kit' | 'files' | 'count' | 'failures' | 'images' | 'digest'>;
