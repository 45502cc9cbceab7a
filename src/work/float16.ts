// The library takes longer to load than most modules of the kit, and few runs need it.
const library = () => import('@petamoriken/float16');

/** Half-precision numbers (IEEE 754 binary16), rounded to the nearest, ties to even; too large ones become infinite. */
export async function toFloat16(values: Float32Array): Promise<Uint16Array> {
  const { Float16Array } = await library();
  return new Uint16Array(new Float16Array(values).buffer);
}

/** The numbers that half-precision ones stand for. */
export async function fromFloat16(halves: Uint16Array): Promise<Float32Array> {
  const { Float16Array } = await library();
  return new Float32Array(new Float16Array(halves.buffer, halves.byteOffset, halves.length));
}
