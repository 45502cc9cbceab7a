import * as tf from '@tensorflow/tfjs';

/** The share of the accumulated gradient that the next step keeps. */
const momentum = 0.95;

/**
 * An optimizer: Muon for the kernels of convolutions, Adam for all other variables. Muon steps along the momentum with
 * its singular values brought to about one (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/), by the
 * length of Adam's steps (Liu et al. 2025, https://arxiv.org/abs/2502.16982). Weight decay is decoupled from the
 * gradient (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).
 */
export class Muon extends tf.AdamOptimizer {
  readonly #decay: number;
  /** The momenta of the kernels of convolutions, in their order. */
  #momenta: tf.Variable[] = [];

  constructor(decay: number) {
    super(0, 0.9, 0.999);
    this.#decay = decay;
  }

  /**
   * Takes one step down the loss and returns the loss before it. Kernels decay; variables of one dimension (biases,
   * scales) do not.
   */
  step(learningRate: number, variables: tf.Variable[], loss: () => tf.Scalar): tf.Scalar {
    this.learningRate = learningRate;
    const { value, grads } = this.computeGradients(loss, variables);
    const gradientsOf = (some: readonly tf.Variable[]) =>
      some.flatMap(({ name }) => (grads[name] ? [{ name, tensor: grads[name] }] : []));
    tf.tidy(() => {
      for (const variable of variables)
        if (variable.rank > 1) variable.assign(variable.mul(1 - learningRate * this.#decay));
      const kernels = variables.filter(({ rank }) => rank === 4);
      gradientsOf(kernels).forEach(({ tensor }, i) =>
        kernels[i]?.assign(kernels[i].sub(this.#direction(i, tensor).mul(learningRate))),
      );
    });
    this.applyGradients(gradientsOf(variables.filter(({ rank }) => rank < 4)));
    tf.dispose(grads);
    return value;
  }

  #direction(i: number, gradient: tf.Tensor): tf.Tensor {
    const followed = (this.#momenta[i] ??= tf.variable(tf.zerosLike(gradient), false));
    followed.assign(followed.mul(momentum).add(gradient));
    const [columns = 1] = gradient.shape.slice(-1);
    const matrix = gradient.add(followed.mul(momentum)).reshape<tf.Tensor2D>([-1, columns]);
    return orthogonalised(matrix)
      .mul(0.2 * Math.sqrt(Math.max(...matrix.shape)))
      .reshape(gradient.shape);
  }

  override async getWeights(): Promise<Weights> {
    return [...(await super.getWeights()), ...this.#momenta.map((tensor, i) => ({ name: `${i}${suffix}`, tensor }))];
  }

  override async setWeights(weights: Weights): Promise<void> {
    await super.setWeights(weights.filter(({ name }) => !name.endsWith(suffix)));
    this.#momenta = weights.flatMap(({ name, tensor }) => (name.endsWith(suffix) ? [tf.variable(tensor, false)] : []));
  }

  override dispose(): void {
    tf.dispose(this.#momenta);
    super.dispose();
  }
}

type Weights = Awaited<ReturnType<tf.AdamOptimizer['getWeights']>>;
const suffix = '/momentum';

/** The matrix with its singular values brought to about one (0.7 to 1.2), by five Newton-Schulz steps. */
export function orthogonalised(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  let x = matrix.div<tf.Tensor2D>(matrix.norm().add(1e-7));
  const tall = rows > columns;
  if (tall) x = x.transpose();
  for (let i = 0; i < 5; i++) {
    const square = x.matMul(x, false, true);
    const polynomial = square.mul(-4.775).add(square.matMul(square).mul(2.0315));
    x = x.mul(3.4445).add(polynomial.matMul(x));
  }
  return tall ? x.transpose() : x;
}
