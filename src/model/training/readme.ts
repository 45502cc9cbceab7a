import { count, percent } from '../../work/index.js';
import type { Metric, TrainedCard } from '../files/card.js';

/** The model's README, in Markdown; every figure in it is from the card. */
export function readmeOf(card: TrainedCard): string {
  const { name, metrics, sampleMetrics, training } = card;
  const { memory } = training;
  const drawn = Math.max(0, ...sampleMetrics.map(({ images }) => images));
  return `# ${name}

A small convolutional net${memory ? ', with a memory of its training images,' : ''} that predicts seven
attributes of a fashion product from its catalogue photograph. \`scripts/train.mjs\` wrote it, and this page.

${filesText(card)}

## Data

${dataText(training)}

## Accuracy on the held-out images

All labels count: a label that no training image has is always wrong. Blank values do not count. Top-5 is the share of
images whose label is among the five likeliest, macro-F1 the mean of the labels' F1 scores, majority the accuracy of
always guessing the most frequent label, calibration the expected calibration error (ten bins).

${table(metrics)}
${drawn > 0 ? `\nOn ${drawn} drawn images that were held out:\n\n${table(sampleMetrics)}\n` : ''}
## Training

${trainingText(training)}

## Limits

- It knows studio photographs of single products on a light ground, as this catalogue has them. Street photographs,
  several products in one image and garments of other cultures are beyond it. So are rare labels: macro-F1 shows how
  much worse it predicts them.
- Season, usage and gender are the catalogue's merchandising choices; the picture often does not show them. \`gender\`
  is for whom a shop offers a product. Never use it to say anything about a person.
- Colours are one shop's names; similar ones (navy and blue, off white and white) are often confused.
- Confidences are calibrated on images of the same catalogue: there, about nine in ten predictions of confidence 0.9 are
  right. On other images confidences are too high. On its training images it has memorised some wrong labels.
${memory ? memoryLimit : ''}- Do not use it to decide anything about people, to price or to reject goods, or to
  label in bulk without looking at a sample.
`;
}

const memoryLimit = `- The weights hold a key and the labels of every training image. These are not images, but
  they reveal whether an image was among them, as \`trained-on.bin\` does. On images unlike any of them the memory does
  not help: compare the drawn ones.
`;

function filesText({ input, embedding, attributes, training: { memory } }: TrainedCard): string {
  const heads = attributes.map(({ name, labels }) => `${name} (${labels.length})`).join(', ');
  const stored = memory ? 'half precision, the memory in bytes' : 'half precision';
  return `- **Input**: RGB images of ${input.width}x${input.height} pixels (others are stretched), each value times
  ${rounded(input.scale)} plus ${rounded(input.offset)}.
- **Output**: a softmax for each attribute: ${heads}.
  \`pipeline.json\` lists the labels.
- **Embedding**: the layer \`${embedding}\`, averages over the image at three scales.
- **Files**: \`model.json\` and \`weights.bin\` (TensorFlow.js layers format, ${stored}),
  \`pipeline.json\`, \`trained-on.bin\` (the first four bytes of the MD5 of each image that was trained on or calibrated
  with, in ascending order), and \`training.jsonl\`: settings and figures of every epoch.`;
}

function dataText({ images, samples, validationImages, calibrationImages }: TrainedCard['training']): string {
  const mixed = samples > 0 ? `, with ${count(samples)} images drawn by the kit mixed in` : '';
  const heldOut = `${count(validationImages)} images were held out to measure it and ${count(calibrationImages)}`;
  return `Kaggle's *Fashion Product Images (Small)* by Param Aggarwal, published under the MIT licence (see its Kaggle
page); no file of it is included. The net was trained on ${count(images)} images${mixed}.
${heldOut} to calibrate its confidences, chosen by a hash of the images' bytes, so that
byte-identical images are on the same side. No weights came from elsewhere.`;
}

function trainingText({ epochs, seed, temperatures, memory, settings }: TrainedCard['training']): string {
  return `${epochs} epochs, seed ${seed}. Muon for the convolutions and Adam for the rest; the learning rate rises over
a twentieth of the steps and falls on a cosine; the saved weights are a moving average. Beside the attributes the net
learnt the collection (season and year) and the words of the title, which were dropped afterwards. Each head's logits
are divided by a temperature: ${entries(temperatures)}.
${memory ? `\n${memoryText(memory)}\n` : ''}
Settings: ${entries(settings)}.`;
}

function memoryText({ images, accuracyWithout }: NonNullable<TrainedCard['training']['memory']>): string {
  const without = Object.entries(accuracyWithout).map(([name, share]) => `${name} ${percent(share)}`);
  return `The prediction of ${listed(Object.keys(accuracyWithout))} is averaged with the labels of the
most similar of ${count(images)} training images. Similarity is a learnt metric (neighbourhood components) of the net's
middle features. An image that is the same, or nearly so, counts little, so that a training image is not predicted by
its own label. Without the memory, on the held-out images: ${listed(without)}.`;
}

const rounded = (value: number | readonly number[]): string =>
  [value]
    .flat()
    .map((one) => Number(one.toFixed(6)))
    .join(', ');

/** `a, b and c` */
const listed = (names: readonly string[]): string => new Intl.ListFormat('en-GB').format(names);

/** `key value; key value`, with lists and objects as JSON without quotes. */
const entries = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? plainJson(value) : String(value)}`)
    .join('; ');

const plainJson = (value: unknown): string => JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ');

function table(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ attribute, images, accuracy, top5, macroF1, majority, calibrationError }) => {
    const shares = [accuracy, top5, macroF1, majority, calibrationError].map((share) => percent(share));
    return `| ${[attribute, ...shares, count(images)].join(' | ')} |`;
  });
  return [
    '| attribute | accuracy | top-5 | macro-F1 | majority | calibration | images |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
