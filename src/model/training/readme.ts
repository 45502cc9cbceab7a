import type { Metric, TrainedCard } from '../card.js';
import { count } from '../../progress.js';

/** The model card for people, in Markdown; every figure comes from the card. */
export function readmeOf({ name, input, attributes, metrics, sampleMetrics, training }: TrainedCard): string {
  const { images, validationImages, samples, epochs, seed, settings } = training;
  return `# ${name}

A small convolutional net that tells seven attributes of a fashion product from its catalogue photograph. Written by
\`scripts/train.mjs\`, this card included.

- **Input**: RGB images of ${input.width}x${input.height} (others are stretched), each value times ${[input.scale].flat().map((scale) => Number(scale.toFixed(6))).join(', ')} plus ${input.offset}.
- **Output**: a softmax per attribute: ${attributes.map((head) => `${head.name} (${head.labels.length})`).join(', ')}. The labels are in \`pipeline.json\`.
- **Files**: \`model.json\` and \`weights.bin\` (TensorFlow.js layers format, half precision), \`pipeline.json\`.

## Data

Kaggle's *Fashion Product Images (Small)* by Param Aggarwal, published under the MIT licence (see its Kaggle page); no file
of it is included. ${count(images)} images were trained on${samples > 0 ? `, with ${count(samples)} images drawn by the kit mixed in` : ''}. ${count(validationImages)} were held
out: those whose SHA-256 begins with 32 bits that ten divides, so that byte-identical images are on one side. Blank values do not
count.

## Accuracy on the held-out images

Beside it, what always guessing the most frequent label would give.

${table(metrics)}
${sampleMetrics.length > 0 ? `\nOn ${Math.max(...sampleMetrics.map((metric) => metric.images))} drawn images that were not trained on:\n\n${table(sampleMetrics)}\n` : ''}
## Training

${epochs} epochs, seed ${seed}; ${Object.entries(settings)
    .map(([key, value]) => `${key}: ${value}`)
    .join('; ')}.

## Limits

- It knows studio photographs of single products on a light ground, as this catalogue has them; street photographs, several
  products or other cultures' garments are beyond it, and so are labels that it has seldom or never seen.
- Season, usage and gender are the catalogue's merchandising choices: the picture often does not show them. \`gender\` says for
  whom a shop offers a product. Never use it to tell anything about a person.
- Colours are one shop's names; neighbours (navy and blue, off white and white) are often confused.
- Confidences are softmax values, not calibrated probabilities. Look at the images before you act on labels in bulk.
`;
}

function table(metrics: readonly Metric[]): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const rows = metrics.map(
    ({ attribute, accuracy, majority, images }) =>
      `| ${attribute} | ${percent(accuracy)} | ${percent(majority)} | ${count(images)} |`,
  );
  return ['| attribute | accuracy | majority | images |', '| --- | ---: | ---: | ---: |', ...rows].join('\n');
}
