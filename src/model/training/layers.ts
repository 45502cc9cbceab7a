import * as tf from '@tensorflow/tfjs';

/** The output of a layer that has one. @throws TypeError if it has several */
export function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor {
  const y = layer.apply(x);
  if (!(y instanceof tf.SymbolicTensor)) throw new TypeError(`Layer ${layer.name} has more than one output`);
  return y;
}

/** Sets a layer's weights. The layer copies them; the tensors that `weights` makes are disposed. */
export function setWeights(layer: tf.layers.Layer, weights: () => tf.Tensor[]): void {
  tf.tidy(() => layer.setWeights(weights()));
}
