import type http from 'node:http';
import { startProxy } from '../proxy.js';

/**
 * Requests by the name of AWS's action; `GetImage` is a GetObject of a .jpg, `PutImage` (of a .jpg) and `PutMetadata`
 * (of any .json) are PutObjects, `SendMessage` sends one or a batch.
 */
export type Action =
  | 'Scan'
  | 'GetItem'
  | 'GetImage'
  | 'PutImage'
  | 'PutMetadata'
  | 'CopyObject'
  | 'BatchWriteItem'
  | 'SendMessage'
  | 'other';

export interface Gate {
  endpoint: string;
  /** How many of each went through since the last `open`. */
  passed(action: Action): number;
  /** Lets `count` of an action through and keeps later requests of it waiting; resolves when the first one waits. */
  hold(action: Action, count: number): Promise<void>;
  /** Answers every request of an action as S3 does when it is overloaded. */
  refuse(action: Action): void;
  /** Lets everything through again. */
  open(): void;
  close(): Promise<void>;
}

const slowDown = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** A gate before a server, so that a test can stop a client, or the server, in the very middle of its work. */
export async function gate(upstream: string): Promise<Gate> {
  const passed = new Map<Action, number>();
  let held: { action: Action; count: number; reached: () => void } | undefined;
  let refused: Action | undefined;
  const { endpoint, close } = await startProxy(upstream, (request, response) => {
    const action = actionOf(request);
    if (action === refused) {
      request.resume().on('end', () => response.writeHead(503).end(slowDown));
      return true;
    }
    const count = passed.get(action) ?? 0;
    if (held?.action === action && count >= held.count) {
      held.reached();
      return true;
    }
    passed.set(action, count + 1);
    return false;
  });
  return {
    endpoint,
    passed: (action) => passed.get(action) ?? 0,
    hold: (action, count) => new Promise((resolve) => (held = { action, count, reached: resolve })),
    refuse(action) {
      refused = action;
    },
    open() {
      held = refused = undefined;
      passed.clear();
    },
    close,
  };
}

function actionOf({ method, url = '', headers }: http.IncomingMessage): Action {
  const [, action] = String(headers['x-amz-target']).split('.');
  if (action === 'BatchWriteItem' || action === 'Scan' || action === 'GetItem') return action;
  if (action?.startsWith('SendMessage')) return 'SendMessage';
  if (method === 'GET' && /^\/[^?]+\.jpg(\?|$)/.test(url)) return 'GetImage';
  if (method !== 'PUT' || !/^\/[^/?]+\/./.test(url)) return 'other';
  if (headers['x-amz-copy-source']) return 'CopyObject';
  if (/\.jpg(\?|$)/.test(url)) return 'PutImage';
  return /\.json(\?|$)/.test(url) ? 'PutMetadata' : 'other';
}
