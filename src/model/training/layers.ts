import * as tf from '@tensorflow/tfjs';

/** What a layer of one output makes of its input. */
export function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor {
  const y = layer.apply(x);
  if (!(y instanceof tf.SymbolicTensor)) throw new TypeError(`Layer ${layer.name} has more than one output`);
  return y;
}

/** A layer takes copies of its weights. */
export function setWeights(layer: tf.layers.Layer, weights: () => tf.Tensor[]): void {
  tf.tidy(() => layer.setWeights(weights()));
}
