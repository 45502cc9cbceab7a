/** How well a model finds one attribute, measured on images whose label is known. */
export interface AttributeEvaluation {
  attribute: string;
  /** Images that have a label; the others do not count. */
  images: number;
  /**
   * The share of images whose label is the likeliest one, from 0 to 1. A label that the model does not know counts as
   * missed.
   */
  accuracy: number;
  /** The share of images whose label is among the five likeliest. */
  top5: number;
  /** The mean over all labels, given or predicted, of their F1 scores: rare labels count as much as frequent ones. */
  macroF1: number;
  /** What always guessing the most frequent label would give. */
  majority: number;
  /**
   * The expected calibration error: how far confidence is from accuracy, the mean over ten bins weighted by their
   * images (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
   */
  calibrationError: number;
  /** The ten bins of confidence, from [0, 0.1) to [0.9, 1]. */
  reliability: readonly ReliabilityBin[];
  /** The labels of the confusion matrix: the model's, then those that it does not know. */
  labels: readonly string[];
  /** How often a label (row) was taken for another (column). */
  confusion: readonly (readonly number[])[];
  /** The pairs confused, most frequent first. */
  confusions: readonly Confusion[];
}

/** The images whose prediction is about as confident. */
export interface ReliabilityBin {
  images: number;
  /** Their mean confidence; 0 where there are none. */
  confidence: number;
  accuracy: number;
}

/** A label taken for another. */
export interface Confusion {
  given: string;
  predicted: string;
  /** The images it happened to, as indices into what was evaluated, the most confident first. */
  images: readonly number[];
}

const bins = 10;

/**
 * Compares the probabilities of an attribute's labels, [images, labels], with the labels given: undefined, null and ''
 * are blanks.
 *
 * @example
 * evaluateAttribute('season', ['Summer', 'Winter'], ['Summer', 'Winter'], Float32Array.of(0.9, 0.1, 0.6, 0.4)).accuracy; // 0.5
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
