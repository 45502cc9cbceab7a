/**
 * The temperature by which the logits of a head are to be divided so that its confidences are as often right as they
 * say (Guo et al. 2017, https://arxiv.org/abs/1706.04599): the one with the least negative log likelihood of the labels
 * given.
 *
 * @param scores - the probabilities as they are, [images, labels]
 * @param given - the index of each image's label, -1 for a blank or one that the head does not know
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
  // It has one minimum: the interval around it is narrowed by a third at a time.
  let [low, high] = [0.1, 10];
  while (high / low > 1.001) {
    const third = (high / low) ** (1 / 3);
    if (loss(low * third) < loss(high / third)) high /= third;
    else low *= third;
  }
  return Math.sqrt(low * high);
}
