/**
 * The temperature that calibrates a head: with its logits divided by it, the confidences match the accuracy (Guo et al.
 * 2017, https://arxiv.org/abs/1706.04599). It minimises the negative log likelihood of the given labels.
 *
 * @param scores the uncalibrated probabilities, [images, labels]
 * @param given the index of each image's label, -1 for a blank or a label that the head does not know
 */
export function temperatureOf(scores: Float32Array, given: readonly number[]): number {
  const labels = scores.length / given.length;
  const logs = scores.map((score) => Math.log(Math.max(score, 1e-12)));
  const loss = (temperature: number): number => {
    let sum = 0;
    given.forEach((label, image) => {
      if (label < 0) return;
      const row = logs.subarray(image * labels, (image + 1) * labels);
      const highest = row.reduce((a, b) => Math.max(a, b)) / temperature;
      const total = row.reduce((exponentials, log) => exponentials + Math.exp(log / temperature - highest), 0);
      sum += highest + Math.log(total) - (row[label] ?? 0) / temperature;
    });
    return sum;
  };
  // The loss has one minimum; each step narrows the interval around it by a third.
  let [low, high] = [0.1, 10];
  while (high / low > 1.001) {
    const third = (high / low) ** (1 / 3);
    if (loss(low * third) < loss(high / third)) high /= third;
    else low *= third;
  }
  return Math.sqrt(low * high);
}
