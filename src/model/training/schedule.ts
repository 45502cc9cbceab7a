/**
 * The learning rate at a step: it rises linearly over the first twentieth of the steps, then falls to 0 on a cosine.
 */
export function learningRateAt(step: number, steps: number, peak: number): number {
  const warmUp = Math.max(1, Math.round(steps / 20));
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  return (peak * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, steps - warmUp)))) / 2;
}
