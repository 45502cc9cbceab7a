import { getOrMake } from './get-or-make.js';

/** A client of the AWS SDK, as far as this module uses it. */
interface Client<Signer> {
  readonly config: { signer(scheme?: object): Promise<Signer> };
  readonly middlewareStack: Record<(typeof changes)[number], (...middleware: never[]) => unknown>;
  readonly send: (...request: never[]) => unknown;
}

interface Command {
  readonly input: { readonly Bucket?: unknown };
  readonly middlewareStack: { identify(): readonly string[] };
  resolveMiddleware(stack: object, config: object, options: SendOptions): Handler;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** All middleware of a command, down to the request. */
type Handler = (command: Command) => Promise<{ output: unknown }>;

const changes = ['add', 'addRelativeTo', 'use', 'remove', 'removeByTag'] as const;

/**
 * Makes a client reuse its commands' handlers and its signers. The SDK makes both again for each request, which takes
 * as long as everything else that it does for a small object.
 *
 * The SDK's own `cacheMiddleware` does not keep handlers of requests that can be aborted. The requests of one handler
 * share a context, in which the middleware stores endpoint and signer, so there is a handler for each bucket. A handler
 * works with a copy of the settings, made when the handler is: the SDK copies the settings three times a request, and
 * copying its own object takes a hundred times as long.
 *
 * @param onChange Called when the client's middleware is changed.
 * @see https://github.com/aws/aws-sdk-js-v3/issues/6423
 */
export function keepHandlers<Signer>(client: Client<Signer>, onChange: () => void = () => {}): void {
  const { send, middlewareStack, config } = client;
  let kept = new WeakMap<object, Map<unknown, Map<unknown, Handler>>>();
  // A change of the middleware makes the handlers obsolete.
  for (const change of changes) {
    const apply = middlewareStack[change];
    middlewareStack[change] = (...middleware) => {
      kept = new WeakMap();
      onChange();
      return apply(...middleware);
    };
  }
  const getHandler = (command: Command, abortSignal: AbortSignal | undefined): Handler => {
    const bySignal = getOrMake(kept, abortSignal ?? client, () => new Map());
    const byCommand = getOrMake(bySignal, command.constructor, () => new Map());
    return getOrMake(byCommand, command.input.Bucket, () =>
      command.resolveMiddleware(middlewareStack, { ...config }, abortSignal ? { abortSignal } : {}),
    );
  };
  const signer = config.signer;
  const signers = new WeakMap<object, Promise<Signer>>();
  config.signer = (scheme) => getOrMake(signers, scheme ?? client, () => signer(scheme));
  Object.assign(client, {
    send: async (command: Command, options: SendOptions = {}, ...callback: unknown[]): Promise<unknown> => {
      const { abortSignal, ...others } = options;
      const unusual =
        typeof options === 'function' ||
        callback.length > 0 ||
        Object.keys(others).length > 0 ||
        command.middlewareStack.identify().length > 0;
      if (unusual) return Reflect.apply(send, client, [command, options, ...callback]);
      return (await getHandler(command, abortSignal)(command)).output;
    },
  });
}
