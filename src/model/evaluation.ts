/** How well a model predicts one attribute, measured on images whose label is known. All shares are from 0 to 1. */
export interface AttributeEvaluation {
  attribute: string;
  /** Images that have a label; the others are not evaluated. */
  images: number;
  /** The share of images whose label is the likeliest one. A label that the model does not know counts as wrong. */
  accuracy: number;
  /** The share of images whose label is among the five likeliest. */
  top5: number;
  /** The mean over all labels, given or predicted, of their F1 scores: rare labels count as much as frequent ones. */
  macroF1: number;
  /** The accuracy of always guessing the most frequent label. */
  majority: number;
  /**
   * The expected calibration error: the mean distance between confidence and accuracy, over ten bins weighted by their
   * images (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
   */
  calibrationError: number;
  /** The ten bins of confidence, from [0, 0.1) to [0.9, 1]. */
  reliability: readonly ReliabilityBin[];
  /** The labels of the confusion matrix: the model's, then those that it does not know. */
  labels: readonly string[];
  /** How often a given label (row) was predicted as a label (column). */
  confusion: readonly (readonly number[])[];
  /** The pairs of labels that were confused, most frequent first. */
  confusions: readonly Confusion[];
}

/** The images whose confidence falls into one interval. */
export interface ReliabilityBin {
  images: number;
  /** Their mean confidence, from 0 to 1; 0 if there are no images. */
  confidence: number;
  /** The share of them whose prediction is right, from 0 to 1; 0 if there are no images. */
  accuracy: number;
}

/** A given label that was predicted as another. */
export interface Confusion {
  given: string;
  predicted: string;
  /** The indices of the confused images among the evaluated ones, the most confident first. */
  images: readonly number[];
}

const bins = 10;

/**
 * Compares the predicted probabilities of an attribute's labels with the given labels.
 *
 * @param known the labels that the model knows, in the order of its output
 * @param given the label of each image; undefined, null and '' are blanks
 * @param scores the probabilities, [images, labels]
 *
 * @example
 * const known = ['Summer', 'Winter'];
 * const scores = Float32Array.of(0.9, 0.1, 0.6, 0.4);
 * evaluateAttribute('season', known, ['Summer', 'Winter'], scores).accuracy; // 0.5
 */
export function evaluateAttribute(
  attribute: string,
  known: readonly string[],
  given: readonly unknown[],
  scores: Float32Array,
): AttributeEvaluation {
  const labels = [...known];
  const indices = new Map(known.map((label, index) => [label, index]));
  const truth = given.map((label) => {
    if (label === undefined || label === null || label === '') return -1;
    const text = String(label);
    const index = indices.get(text) ?? labels.push(text) - 1;
    indices.set(text, index);
    return index;
  });
  const confusion = labels.map(() => labels.map(() => 0));
  const reliability = Array.from({ length: bins }, () => ({ images: 0, confidence: 0, accuracy: 0 }));
  const confused = new Map<
    string,
    { given: string; predicted: string; images: [image: number, confidence: number][] }
  >();
  let top5 = 0;
  truth.forEach((right, image) => {
    if (right < 0) return;
    const row = scores.subarray(image * known.length, (image + 1) * known.length);
    const confidence = row.reduce((a, b) => Math.max(a, b), 0);
    const guess = row.indexOf(confidence);
    const matrixRow = confusion[right];
    if (matrixRow) matrixRow[guess] = (matrixRow[guess] ?? 0) + 1;
    const score = row[right];
    if (score !== undefined && row.filter((other) => other > score).length < 5) top5++;
    const bin = reliability[Math.min(bins - 1, Math.floor(confidence * bins))];
    if (bin) {
      bin.images++;
      bin.confidence += confidence;
      bin.accuracy += guess === right ? 1 : 0;
    }
    if (guess !== right) {
      const pair = { given: labels[right] ?? '', predicted: labels[guess] ?? '', images: [] };
      const key = JSON.stringify([right, guess]);
      const entry = confused.get(key) ?? pair;
      entry.images.push([image, confidence]);
      confused.set(key, entry);
    }
  });
  const images = truth.filter((index) => index >= 0).length;
  const share = (count: number) => (images === 0 ? 0 : count / images);
  const supports = confusion.map(sum);
  const predicted = labels.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)));
  const hits = confusion.map((row, index) => row[index] ?? 0);
  const f1 = labels.flatMap((_, index) => {
    const total = (supports[index] ?? 0) + (predicted[index] ?? 0);
    return total === 0 ? [] : [(2 * (hits[index] ?? 0)) / total];
  });
  return {
    attribute,
    images,
    accuracy: share(sum(hits)),
    top5: share(top5),
    macroF1: f1.length === 0 ? 0 : sum(f1) / f1.length,
    majority: share(Math.max(0, ...supports)),
    calibrationError: share(sum(reliability.map(({ confidence, accuracy }) => Math.abs(confidence - accuracy)))),
    reliability: reliability.map((bin) => ({
      images: bin.images,
      confidence: bin.confidence / Math.max(1, bin.images),
      accuracy: bin.accuracy / Math.max(1, bin.images),
    })),
    labels,
    confusion,
    confusions: [...confused.values()]
      .map((pair) => ({ ...pair, images: pair.images.sort(([, a], [, b]) => b - a).map(([image]) => image) }))
      .sort((a, b) => b.images.length - a.images.length),
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
