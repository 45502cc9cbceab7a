import * as tf from '@tensorflow/tfjs';

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101). */
export class AdamW extends tf.AdamOptimizer {
  readonly #decay: number;

  constructor(decay: number) {
    super(0, 0.9, 0.999);
    this.#decay = decay;
  }

  /** One step on the loss, at this learning rate; kernels decay, what has one dimension (biases, scales) does not. Gives the loss. */
  step(learningRate: number, variables: tf.Variable[], loss: () => tf.Scalar): tf.Scalar {
    this.learningRate = learningRate;
    const { value, grads } = this.computeGradients(loss, variables);
    this.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
    tf.dispose(grads);
    tf.tidy(() => {
      for (const variable of variables)
        if (variable.rank > 1) variable.assign(variable.mul(1 - learningRate * this.#decay));
    });
    return value;
  }
}

/** The learning rate at a step: up in a line over the first twentieth, then down to zero along a cosine. */
export function learningRateAt(step: number, steps: number, peak: number): number {
  const warmUp = Math.max(1, Math.round(steps / 20));
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  return (peak * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, steps - warmUp)))) / 2;
}
