import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { jupyter, notebooks } from './execute.js';

/** What came of a cell. */
export interface Outcome {
  status: string;
  /** In the order in which it was written. */
  stdout: string;
  stderr: string;
  /** The text of what was displayed, updates in their place. */
  shown: string[];
}

/** A kernel of the notebooks, as JupyterLab has it. */
export interface Kernel {
  /** Runs a cell; `onOutput` is called with what there is so far whenever it says something. */
  run(code: string, onOutput?: (outcome: Outcome) => unknown): Promise<Outcome>;
  /** What could stand at the code's end, or at `|` in it. */
  complete(code: string): Promise<string[]>;
  /** What a hover over the code's end says, or over `|` in it. */
  inspect(code: string): Promise<string>;
  /** What the stop button does. */
  interrupt(): void;
  close(): void;
}

const message = z.object({ id: z.number(), type: z.string(), content: z.record(z.string(), z.unknown()) });
type Message = z.infer<typeof message>;

/** Starts a kernel, in the notebooks' folder or another, through the client of the Jupyter at hand. */
export function startKernel(
  env: Readonly<Record<string, string>>,
  { name = 'tslab', folder = notebooks }: { name?: string; folder?: string } = {},
): Kernel {
  const client = spawn(path.join(path.dirname(jupyter ?? ''), 'python'), ['test/views/kernel.py', folder, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      JUPYTER_PATH: notebooks,
      ...env,
      PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    },
  });
  const listeners = new Map<number, (message: Message) => void>();
  createInterface(client.stdout).on('line', (line) => {
    const heard = message.parse(JSON.parse(line));
    listeners.get(heard.id)?.(heard);
  });
  let asked = 0;
  const tell = (request: object) => client.stdin.write(`${JSON.stringify(request)}\n`);
  /** Asks and waits for both the answer and the kernel's being idle again, between which outputs may come. */
  const ask = (doing: string, code: string, onOutput: (message: Message) => void = () => {}) =>
    new Promise<Message['content']>((resolve) => {
      const id = ++asked;
      let answer: Message['content'] | undefined;
      let idle = false;
      listeners.set(id, (heard) => {
        if (heard.type.endsWith('_reply')) answer = heard.content;
        else if (heard.type === 'status') idle = heard.content.execution_state === 'idle';
        else onOutput(heard);
        if (answer && idle) resolve(answer);
      });
      tell({ do: doing, id, code });
    });
  return {
    async run(code, heard = () => {}) {
      const outcome: Outcome = { status: '', stdout: '', stderr: '', shown: [] };
      const { status } = await ask('execute', code, ({ type, content }) => {
        if (type === 'stream') outcome[content.name === 'stderr' ? 'stderr' : 'stdout'] += String(content.text);
        if (type.endsWith('display_data'))
          outcome.shown.splice(type === 'display_data' ? outcome.shown.length : -1, 1, textOf(content));
        heard(outcome);
      });
      if (status !== 'abort') return { ...outcome, status: String(status) };
      // What is asked in the 200 ms after a cell that failed, tslab takes for the rest of "run all cells".
      await sleep(50);
      return this.run(code, heard);
    },
    async complete(code) {
      return z.array(z.string()).parse((await ask('complete', code)).matches);
    },
    async inspect(code) {
      return textOf(await ask('inspect', code));
    },
    interrupt: () => void tell({ do: 'interrupt' }),
    close: () => client.stdin.end(),
  };
}

const bundle = z.object({ data: z.looseObject({ 'text/plain': z.string().default('') }) });
const textOf = (content: unknown): string => bundle.parse(content).data['text/plain'];
