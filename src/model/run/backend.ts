import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { PipelineError } from '../../work/index.js';

/**
 * Where the net is computed: `tensorflow` is libtensorflow through tfjs-node, `wasm` is WebAssembly, which runs in
 * every Node.
 */
export type Backend = 'tensorflow' | 'wasm';

/**
 * Makes a TensorFlow.js backend the current one and returns its name: `preference`, or tensorflow if tfjs-node loads,
 * otherwise wasm. Both compute the same results; tensorflow is about six times as fast as one thread of wasm.
 *
 * @throws PipelineError `model.backendUnavailable` if the preferred backend does not load, `model.unknownBackend`.
 *
 * @example
 * console.log(await useBackend());        // tensorflow
 * console.log(await useBackend('wasm'));  // wasm
 */
export async function useBackend(preference?: Backend): Promise<Backend> {
  const backend = await chooseBackend(preference);
  if (backend === 'wasm') await loadWasm();
  const tf = await import('@tensorflow/tfjs');
  if (tf.getBackend() !== backend && !(await tf.setBackend(backend))) {
    throw new PipelineError('model.backendUnavailable', `The ${backend} backend does not start on this machine.`, {
      value: backend,
    });
  }
  return backend;
}

/** Which backend `useBackend` would take, with the same errors; does not start wasm. */
export async function chooseBackend(preference?: Backend): Promise<Backend> {
  if (preference !== undefined && preference !== 'tensorflow' && preference !== 'wasm') {
    throw new PipelineError(
      'model.unknownBackend',
      `There is no backend '${String(preference)}': it is tensorflow or wasm.`,
      { value: preference },
    );
  }
  const failure = preference === 'wasm' ? undefined : await loadTensorflow();
  if (preference === 'tensorflow' && failure !== undefined) {
    throw new PipelineError(
      'model.backendUnavailable',
      'The tensorflow backend does not load: build it with `zx scripts/tfjs-node.mjs`, or take the wasm backend.',
      { value: preference, cause: failure.cause },
    );
  }
  return preference ?? (failure === undefined ? 'tensorflow' : 'wasm');
}

/** Registers the backend; returns the reason if that fails, as it often does: the package is optional. */
async function loadTensorflow(): Promise<{ cause: unknown } | undefined> {
  // libtensorflow writes its greetings to stderr unless this is set before it loads.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // By itself it uses oneDNN on some processors only. Without, an image's last bits depend on its place in the batch.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  // tfjs-node 4.22 calls two functions of which Node 22 warns and which Node 23 removed: see docs/patches.md.
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
  try {
    // The compiler does not follow a variable, so the kit compiles without this package.
    const name: string = '@tensorflow/tfjs-node';
    await import(name);
    return undefined;
  } catch (cause) {
    return { cause };
  }
}

let wasmPathIsSet = false;

async function loadWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (wasmPathIsSet) return;
  // If the kit is bundled or linked, the package's own guess at its folder is wrong.
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}${path.sep}`);
  wasmPathIsSet = true;
}

/** Whether WebAssembly broke off in the middle of something, for lack of memory mostly. */
export const isTrap = (error: unknown): boolean =>
  error instanceof Error &&
  ((error.name === 'RuntimeError' && /memory|unreachable|abort|table index|null function/i.test(error.message)) ||
    isTrap(error.cause));

let started = 0;

/** Which start of the wasm backend is the current one: tensors of earlier ones are lost. */
export const wasmStart = (): number => started;

/**
 * Does some work on the current backend. Where that breaks wasm, it may have written anywhere in its memory, so the
 * backend is started anew.
 */
export async function mendingWasm<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTrap(error)) await startWasmAnew();
    throw error;
  }
}

async function startWasmAnew(): Promise<void> {
  const tf = await import('@tensorflow/tfjs');
  const factory = tf.findBackendFactory('wasm');
  const broken = tf.findBackend('wasm');
  if (!broken) return;
  // Nets that are loaded still dispose of their tensors there.
  broken.dispose = () => {};
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory, 2);
  await tf.setBackend('wasm');
  started++;
}
