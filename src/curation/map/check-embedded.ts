import { count, PipelineError, plural } from '../../work/index.js';
import { checkScored } from '../check-scored.js';
import type { Embedded } from '../embedded.js';

/** So far the length of an embedding may be from 1: those of a data set are rounded to 16 bits. */
const tolerance = 0.02;

/**
 * Makes sure that items can be put on a map: three or more, each with an embedding, all of one model.
 *
 * @param name The function's name, for the message.
 * @throws PipelineError `curation.notScored`, `curation.tooFewImages`, `curation.noEmbeddings`,
 * `curation.mixedEmbeddings`.
 */
export function checkEmbedded(embedded: Embedded, name: string): void {
  checkScored(embedded, name, ['items', 'embeddings', 'dimensions']);
  const { items, embeddings, dimensions } = embedded;
  if (items.length < 3)
    throw new PipelineError(
      'curation.tooFewImages',
      `${name} takes three images or more; these are ${items.length}. Score more.`,
      { value: items.length },
    );
  if (!(dimensions > 0) || embeddings.length === 0)
    throw new PipelineError(
      'curation.noEmbeddings',
      `The ${plural(items.length, 'image')} were scored without embeddings. Score them with a model whose card ` +
        '(pipeline.json) names its embedding, such as the one that ships with the kit.',
      { value: dimensions },
    );
  if (embeddings.length !== items.length * dimensions)
    throw mixed(
      `${plural(items.length, 'image')} of ${count(dimensions)} numbers each need ` +
        `${count(items.length * dimensions)}, but there are ${count(embeddings.length)}`,
      embeddings.length,
    );
  for (let i = 0, at = 0; i < items.length; i++) {
    let square = 0;
    for (let k = 0; k < dimensions; k++, at++) square += (embeddings[at] ?? 0) ** 2;
    const length = Math.sqrt(square);
    if (!(Math.abs(length - 1) < tolerance))
      throw mixed(
        `the embedding of ${items[i]?.id} has the length ${Number(length.toPrecision(3))}, not 1`,
        items[i]?.id,
      );
  }
}

const mixed = (why: string, value: unknown) =>
  new PipelineError(
    'curation.mixedEmbeddings',
    `These embeddings are not all of one model: ${why}. Score all images with the same model: ` +
      'await pipeline.score(dataset, model).',
    { value },
  );
