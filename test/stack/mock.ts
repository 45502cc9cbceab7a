import { createServer } from 'node:net';
import { down } from '../../localstack/down.mjs';
import { up } from '../../localstack/lifecycle.mjs';

/** A mock of AWS that runs functions. */
export interface Mock {
  endpoint: string;
  /** Takes it down and up again, where it is a MiniStack. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The one that ML_PIPELINE_TEST_ENDPOINT names (a LocalStack), else a MiniStack as `up --ministack` starts it. */
export async function startMock(): Promise<Mock> {
  const given = process.env.ML_PIPELINE_TEST_ENDPOINT;
  if (given) return { endpoint: given, async restart() {}, async close() {} };
  const port = await freePort();
  const start = () => up({ mode: 'ministack', port, log: console.log });
  const { endpoint } = await start();
  return {
    endpoint,
    async restart() {
      await down({ port });
      await start();
    },
    close: async () => void (await down({ port, deleteState: true })),
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
