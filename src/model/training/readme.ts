import { count, percent } from '../../work/index.js';
import type { Metric, TrainedCard } from '../files/card.js';

/** The model card for people, in Markdown; every figure comes from the card. */
export function readmeOf({
  name,
  input,
  embedding,
  attributes,
  metrics,
  sampleMetrics,
  training,
}: TrainedCard): string {
  const { images, calibrationImages, validationImages, samples, epochs, seed, temperatures, memory, settings } =
    training;
  return `# ${name}

A small convolutional net${memory ? ', with a memory of its training images,' : ''} that tells seven attributes of a fashion product from its catalogue
photograph. Written by \`scripts/train.mjs\`, this card included.

- **Input**: RGB images of ${input.width}x${input.height} (others are stretched), each value times ${rounded(input.scale)} plus ${rounded(input.offset)}.
- **Output**: a softmax per attribute: ${attributes.map((head) => `${head.name} (${head.labels.length})`).join(', ')}. The labels are in \`pipeline.json\`.
- **Embedding**: the layer \`${embedding}\`, averages over the image at three scales.
- **Files**: \`model.json\` and \`weights.bin\` (TensorFlow.js layers format, half precision${memory ? ', the memory in bytes' : ''}), \`pipeline.json\`, and \`training.jsonl\`: settings and figures of every epoch.

## Data

Kaggle's *Fashion Product Images (Small)* by Param Aggarwal, published under the MIT licence (see its Kaggle page); no file
of it is included. ${count(images)} images were trained on${samples > 0 ? `, with ${count(samples)} images drawn by the kit mixed in` : ''}. ${count(validationImages)} were held
out to measure it and ${count(calibrationImages)} to calibrate its confidences, by a hash of the images' bytes, so that byte-identical images are on one side.
No weights came from elsewhere.

## Accuracy on the held-out images

All labels count: one that was never trained on is wrong. Blank values do not count. Top-5 is the share of images whose label is
among the five likeliest, macro-F1 the mean of the labels' F1 scores, majority what always guessing the most frequent label would give,
calibration the expected calibration error (ten bins).

${table(metrics)}
${
  sampleMetrics.length > 0
    ? `\nOn ${Math.max(...sampleMetrics.map((metric) => metric.images))} drawn images that were not trained ` +
      `on:\n\n${table(sampleMetrics)}\n`
    : ''
}
## Training

${epochs} epochs, seed ${seed}. Muon for the convolutions and Adam for the rest, the learning rate rising over a twentieth of the steps and falling
along a cosine; what is kept is a moving average of the weights. Beside the attributes it learnt the collection (season and year) and the
words of the title, which were thrown away. Each head's logits are divided by a temperature: ${entries(temperatures)}.

${memory ? `${memoryText(memory)}\n\n` : ''}Settings: ${entries(settings)}.

## Limits

- It knows studio photographs of single products on a light ground, as this catalogue has them; street photographs, several
  products or other cultures' garments are beyond it, and so are labels that it has seldom or never seen: macro-F1 says how
  far behind the rare labels are.
- Season, usage and gender are the catalogue's merchandising choices: the picture often does not show them. \`gender\` says for
  whom a shop offers a product. Never use it to tell anything about a person.
- Colours are one shop's names; neighbours (navy and blue, off white and white) are often confused.
- Confidences are calibrated on images of the same catalogue: among those of 0.9 about nine in ten are right. On other images they
  are too high. Of images that it was trained on, it also knows some wrong labels by heart.
${
  memory === undefined
    ? ''
    : `- The weights hold a key and labels of every image that it was trained on. They are no images, but they tell whether an image was among them.
  On images unlike any of them the memory does not help: compare the drawn ones.
`
}- Do not use it to decide anything about people, to price or to reject goods, or to label in bulk without looking at a sample.
`;
}

const memoryText = ({
  images,
  accuracyWithout,
}: NonNullable<
  TrainedCard['training']['memory']
>): string => `What the net says of ${listed(Object.keys(accuracyWithout))} is averaged with how the
most similar of ${count(images)} training images are labelled. Similar is what a learnt metric (neighbourhood components) says of the net's middle features. The same image, or one hardly different, is passed over, so that an image that
it was trained on is not told by its own label. Without the memory, on the held-out images: ${listed(Object.entries(accuracyWithout).map(([name, share]) => `${name} ${percent(share)}`))}.`;

const rounded = (value: number | readonly number[]): string =>
  [value]
    .flat()
    .map((one) => Number(one.toFixed(6)))
    .join(', ');

/** `a, b and c` */
const listed = (names: readonly string[]): string => new Intl.ListFormat('en-GB').format(names);

/** `key: value; key: value`, with transforms by their names. */
const entries = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .map(
      ([key, value]) =>
        `${key} ` +
        `${typeof value === 'object' ? JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ') : String(value)}`,
    )
    .join('; ');

function table(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ attribute, images, ...shares }) => {
    const { accuracy, top5, macroF1, majority, calibrationError } = shares;
    return (
      `| ${attribute} | ${[accuracy, top5, macroF1, majority, calibrationError].map(percent).join(' | ')} | ` +
      `${count(images)} |`
    );
  });
  return [
    '| attribute | accuracy | top-5 | macro-F1 | majority | calibration | images |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
