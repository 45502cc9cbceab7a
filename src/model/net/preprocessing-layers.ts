import * as tf from '@tensorflow/tfjs';

/*
 * Keras's layers that prepare images, as Keras computes them: TensorFlow.js lacks some, and of Resizing it gets the
 * shape wrong.
 */

type Tensor = tf.Tensor | tf.Tensor[];
type Config = tf.serialization.ConfigDict;
const only = (inputs: Tensor): tf.Tensor4D => [inputs].flat()[0] as tf.Tensor4D;
const shapeOf = (shape: tf.Shape | tf.Shape[]): tf.Shape => (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;

/** Cuts the middle of the same proportions out of images, then scales it: `smart_resize` of Keras. */
function coverMiddle(images: tf.Tensor4D, [height, width]: readonly [number, number], scale: Scale): tf.Tensor4D {
  const [, fromHeight, fromWidth] = images.shape;
  const cut: [number, number] = [
    Math.min(fromHeight, Math.floor((fromWidth * height) / width)),
    Math.min(fromWidth, Math.floor((fromHeight * width) / height)),
  ];
  return scale(middle(images, cut), [height, width]);
}

function middle(images: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const [count, fromHeight, fromWidth, channels] = images.shape;
  const from = [0, Math.floor((fromHeight - height) / 2), Math.floor((fromWidth - width) / 2), 0] as const;
  return tf.slice4d(images, [...from], [count, height, width, channels]);
}

type Scale = (images: tf.Tensor4D, size: [number, number]) => tf.Tensor4D;
const scales: Partial<Record<string, Scale>> = {
  bilinear: (images, size) => tf.image.resizeBilinear(images, size, false, true),
  nearest: (images, size) => tf.image.resizeNearestNeighbor(images, size, false, true),
};

/** A layer whose result is an image of `height` x `width`. */
abstract class Sized extends tf.layers.Layer {
  protected readonly size: [number, number];

  constructor(config: Config) {
    super(config);
    this.size = [Number(config.height), Number(config.width)];
  }

  override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
    const [count = null, , , channels = null] = shapeOf(shape);
    return [count, ...this.size, channels];
  }

  override getConfig(): Config {
    return { ...super.getConfig(), height: this.size[0], width: this.size[1] };
  }
}

class Resizing extends Sized {
  static readonly className = 'Resizing';
  readonly #scale: Scale;
  readonly #crops: boolean;

  constructor(config: Config) {
    super(config);
    const { interpolation = 'bilinear', cropToAspectRatio = false, padToAspectRatio, antialias } = config;
    const scale = scales[String(interpolation)];
    if (!scale) throw new Error(`The layer ${this.name} resizes by '${String(interpolation)}' interpolation`);
    if (padToAspectRatio === true || antialias === true)
      throw new Error(`The layer ${this.name} resizes with a border or antialiasing`);
    this.#scale = scale;
    this.#crops = cropToAspectRatio === true;
  }

  override call(inputs: Tensor): Tensor {
    const images = only(inputs);
    return tf.tidy(() => (this.#crops ? coverMiddle(images, this.size, this.#scale) : this.#scale(images, this.size)));
  }
}

class CenterCrop extends Sized {
  static readonly className = 'CenterCrop';

  override call(inputs: Tensor): Tensor {
    const images = only(inputs);
    const [, height, width] = images.shape;
    const fits = height >= this.size[0] && width >= this.size[1];
    const scale: Scale = (some, size) => tf.image.resizeBilinear(some, size, false, true);
    return tf.tidy(() => (fits ? middle(images, this.size) : coverMiddle(images, this.size, scale)));
  }
}

/** Subtracts a mean and divides by a deviation, each of one channel; both are in the configuration or are weights. */
class Normalization extends tf.layers.Layer {
  static readonly className = 'Normalization';
  readonly #config: Config;

  constructor(config: Config) {
    super(config);
    this.#config = config;
    const axis = [config.axis ?? -1].flat();
    if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== 3))
      throw new Error(`The layer ${this.name} normalises along the axis ${axis.join(', ')}, not the last one`);
  }

  override build(shape: tf.Shape | tf.Shape[]): void {
    const channels = shapeOf(shape).at(-1) ?? 1;
    for (const name of ['mean', 'variance']) {
      const values = [this.#config[name] ?? []].flat(4).map(Number);
      const zeros = tf.initializers.zeros();
      const weight = values.length === 0 && this.addWeight(name, [channels], 'float32', zeros, undefined, false);
      this.#values.set(name, weight || tf.keep(tf.tensor1d(values)));
    }
    super.build(shape);
  }

  readonly #values = new Map<string, tf.Tensor | { read(): tf.Tensor }>();

  #value(name: string): tf.Tensor {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`The layer ${this.name} is not built`);
    return value instanceof tf.Tensor ? value : value.read();
  }

  override call(inputs: Tensor): Tensor {
    return tf.tidy(() => {
      const deviation = tf.sqrt(this.#value('variance'));
      return this.#config.invert === true
        ? tf.add(tf.mul(only(inputs), deviation), this.#value('mean'))
        : tf.div(tf.sub(only(inputs), this.#value('mean')), tf.maximum(deviation, 1e-7));
    });
  }

  override computeOutputShape = (shape: tf.Shape | tf.Shape[]): tf.Shape => shapeOf(shape);

  override dispose(): { refCountAfterDispose: number; numDisposedVariables: number } {
    for (const value of this.#values.values()) if (value instanceof tf.Tensor) value.dispose();
    return super.dispose();
  }

  override getConfig(): Config {
    const { axis = -1, mean, variance, invert = false } = this.#config;
    return { ...super.getConfig(), axis, invert, ...(mean != null && { mean, variance: variance ?? null }) };
  }
}

/** A layer that varies images in training; it leaves those alone that are predicted. */
const untouched = (name: string) =>
  class extends tf.layers.Layer {
    static readonly className = name;
    override call = (inputs: Tensor): Tensor => only(inputs).clone();
    override computeOutputShape = (shape: tf.Shape | tf.Shape[]): tf.Shape => shapeOf(shape);
  };

const inTraining = [
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomColorJitter',
  'RandomContrast',
  'RandomFlip',
  'RandomGrayscale',
  'RandomHeight',
  'RandomHue',
  'RandomRotation',
  'RandomSaturation',
  'RandomSharpness',
  'RandomShear',
  'RandomTranslation',
  'RandomWidth',
  'RandomZoom',
];

/** Lets TensorFlow.js build nets that have these layers. */
export function registerPreprocessingLayers(): void {
  for (const layer of [Resizing, CenterCrop, Normalization, ...inTraining.map(untouched)])
    tf.serialization.registerClass(layer);
}
