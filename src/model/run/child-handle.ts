import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../package-root.js';
import { PipelineError } from '../../work/index.js';
import type { ModelFiles } from '../files/files.js';
import type { Backend } from './backend.js';
import type { NetFacts, Outputs } from './inference.js';

/** The net that a process runs, and its backend. */
export interface ProcessNet {
  files: ModelFiles;
  backend: Backend;
  source: string;
}

/** Encoded images to run the net on; for `size` see `Inference.run`. */
export interface Batch {
  images: readonly Uint8Array[];
  size: number;
}

/** A message to the process: first the net to open, then batches to run. */
export interface Question {
  number: number;
  net?: ProcessNet;
  batch?: Batch;
}

/** The answer to the question with the same number. */
export interface Answer {
  number: number;
  facts?: NetFacts | undefined;
  outputs?: Outputs | undefined;
  failure?: Pick<PipelineError, 'code' | 'message' | 'value'>;
}

/** The program of the process: the built one, also when this module runs from its source, as in the tests. */
const filename = fileURLToPath(new URL('dist/model/run/child.js', packageRoot));

/** Milliseconds without work after which a process rests. */
const patience = 60_000;

/**
 * A child process that runs a net. It ends with this process, and keeps this process alive only while an answer is due.
 */
export class NetProcess {
  /** Whether the net is open, so that it can be run. */
  isOpen = false;
  readonly #source: string;
  readonly #on: { end: () => void; rest: () => void };
  readonly #child: ChildProcess;
  readonly #asked = new Map<
    number,
    { resolve: (answer: Omit<Answer, 'number'>) => void; reject: (reason: PipelineError) => void }
  >();
  #count = 0;
  #resting: NodeJS.Timeout | undefined;

  /**
   * @param cores how many cores libtensorflow uses
   * @param on `end` is called when the process ends, `rest` when it has had nothing to do for a minute
   */
  constructor(source: string, cores: number, on: { end: () => void; rest: () => void }) {
    this.#source = source;
    this.#on = on;
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(cores) };
    this.#child = fork(filename, [String(process.pid)], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env,
    });
    this.#child.on('message', (answer: Answer) => this.#settle(answer));
    this.#child.once('exit', (code, signal) => this.#fail(signal ?? `exit code ${code}`));
    this.#child.once('error', ({ message }) => this.#fail(message));
  }

  /** How many questions it has not answered yet. */
  get asked(): number {
    return this.#asked.size;
  }

  /** Opens the net and returns what is known of it; ends the process if that fails. */
  async open(net: ProcessNet): Promise<NetFacts> {
    try {
      const { facts } = await this.#ask({ net });
      if (facts === undefined) throw new TypeError('An open net has facts');
      this.isOpen = true;
      return facts;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  async run(batch: Batch): Promise<Outputs> {
    const { outputs } = await this.#ask({ batch });
    if (outputs === undefined) throw new TypeError('A batch has outputs');
    return outputs;
  }

  end(): void {
    this.#on.end();
    if (this.#child.connected) this.#child.disconnect();
  }

  #ask(question: Omit<Question, 'number'>): Promise<Omit<Answer, 'number'>> {
    const number = this.#count++;
    clearTimeout(this.#resting);
    this.#child.ref();
    this.#child.channel?.ref();
    return new Promise((resolve, reject) => {
      this.#asked.set(number, { resolve, reject });
      this.#child.send({ ...question, number }, (error) => error && this.#fail(error.message));
    });
  }

  #settle({ number, failure, ...answer }: Answer): void {
    const question = this.#asked.get(number);
    this.#asked.delete(number);
    if (this.#asked.size === 0) this.#rest();
    if (failure) question?.reject(new PipelineError(failure.code, failure.message, { value: failure.value }));
    else question?.resolve(answer);
  }

  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    this.#resting = setTimeout(this.#on.rest, patience).unref();
  }

  #fail(reason: string): void {
    this.#on.end();
    const message =
      `A process that ran the net of the model at '${this.#source}' ended (${reason}), for lack of memory ` +
      'perhaps. Load the model again, with fewer processes.';
    for (const { reject } of this.#asked.values())
      reject(new PipelineError('model.processEnded', message, { value: reason }));
    this.#asked.clear();
  }
}
