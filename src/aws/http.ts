import type { UndiciHttpHandler } from '@smithy/undici-http-handler';

/**
 * Sends a client's requests with undici, which takes a quarter less time for each than Node's own `http`, once both are
 * warm. It is loaded with the first request, so that making a client does not wait for it: it takes a fifth of the time
 * that loading the whole kit takes.
 *
 * @see https://github.com/smithy-lang/smithy-typescript/tree/main/packages/undici-http-handler
 */
export function requestHandler(): Record<string, unknown> {
  let handler: Promise<UndiciHttpHandler> | undefined;
  return {
    handle: async (request, options) => (await (handler ??= undici())).handle(request, options),
    destroy: () => void handler?.then((loaded) => loaded.destroy()),
  } satisfies Pick<UndiciHttpHandler, 'handle' | 'destroy'>;
}

async function undici(): Promise<UndiciHttpHandler> {
  const [{ UndiciHttpHandler }, { Agent }] = await Promise.all([
    import('@smithy/undici-http-handler'),
    import('undici'),
  ]);
  const agent = new Agent({
    connections: 128,
    connect: { timeout: 3_000 },
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
  });
  // By default undici closes the connection after each HEAD request, in case a server sends a body; S3 sends none.
  const dispatcher = agent.compose(
    (dispatch) => (request, handlers) => dispatch({ ...request, reset: false }, handlers),
  );
  return new UndiciHttpHandler({ dispatcher });
}
