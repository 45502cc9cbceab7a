import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { PipelineError } from '../../work/index.js';

/**
 * Where the numbers are crunched: `tensorflow` is libtensorflow through tfjs-node, `wasm` is WebAssembly, in every
 * Node.
 */
export type Backend = 'tensorflow' | 'wasm';

/**
 * Makes a TensorFlow.js backend the current one and says which: `preference`, or tensorflow where tfjs-node loads, else
 * wasm. Both give the same results; tensorflow is about six times as fast as one thread of wasm.
 *
 * @throws PipelineError `model.backendUnavailable` where the preferred backend does not load, `model.unknownBackend`.
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

/** Which backend {@link useBackend} takes, with its exceptions; wasm is not started. */
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

/** Registers the backend; gives the reason where that fails (often: it is an optional dependency). */
async function loadTensorflow(): Promise<{ cause: unknown } | undefined> {
  // libtensorflow's greetings go to stderr unless it is told so before it loads.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // tfjs-node 4.22 still calls two functions that Node 22 warns of and Node 24 no longer has.
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
  try {
    // A name that the compiler does not follow: the kit compiles without this package.
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
  // Where the compiled kit is bundled or linked, the package's own guess at its folder is wrong.
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}${path.sep}`);
  wasmPathIsSet = true;
}
