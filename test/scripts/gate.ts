import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests by the name of AWS's action; `GetImage` is a GetObject of a .jpg. */
export type Action = 'GetImage' | 'PutObject' | 'CopyObject' | 'BatchWriteItem' | 'other';

export interface Gate {
  endpoint: string;
  /** How many of each went through since the last `open`. */
  passed(action: Action): number;
  /** Lets `count` of an action through and keeps later requests of it waiting; resolves when the first one waits. */
  hold(action: Action, count: number): Promise<void>;
  /** Lets everything through again. */
  open(): void;
  close(): Promise<void>;
}

/** A gate before a server, so that a test can stop a client, or the server, in the very middle of its work. */
export async function gate(upstream: string): Promise<Gate> {
  const { hostname, port } = new URL(upstream);
  const agent = new http.Agent({ keepAlive: true });
  const passed = new Map<Action, number>();
  let held: { action: Action; count: number; reached: () => void } | undefined;
  const server = http.createServer((request, response) => {
    const action = actionOf(request);
    const count = passed.get(action) ?? 0;
    request.on('error', () => {});
    if (held?.action === action && count >= held.count) return held.reached();
    passed.set(action, count + 1);
    const { method, url, headers } = request;
    const onward = http.request({ hostname, port, method, path: url, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: (action) => passed.get(action) ?? 0,
    hold: (action, count) => new Promise((resolve) => (held = { action, count, reached: resolve })),
    open() {
      held = undefined;
      passed.clear();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function actionOf({ method, url = '', headers }: http.IncomingMessage): Action {
  if (String(headers['x-amz-target']).endsWith('.BatchWriteItem')) return 'BatchWriteItem';
  if (method === 'GET' && /^\/[^?]+\.jpg(\?|$)/.test(url)) return 'GetImage';
  if (method !== 'PUT' || !/^\/[^/?]+\/./.test(url)) return 'other';
  return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject';
}
