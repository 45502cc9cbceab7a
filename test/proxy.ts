import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Deals with a request itself (true), or lets it through (false). */
export type Intercept = (request: http.IncomingMessage, response: http.ServerResponse) => boolean;

/** Changes the headers of an answer in place, and returns what its body is to be. */
export type Rewrite = (
  request: http.IncomingMessage,
  headers: http.IncomingHttpHeaders,
  body: Buffer,
) => Buffer | string;

/** A proxy before a server, on a free port. Clients still see the host that they asked for. */
export async function startProxy(
  upstream: string,
  intercept: Intercept,
  rewrite?: Rewrite,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const { hostname, port } = new URL(upstream);
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    request.on('error', () => {});
    if (intercept(request, response)) return;
    const { method, url, headers } = request;
    const onward = http.request({ hostname, port, method, path: url, headers, agent }, async (answer) => {
      const { statusCode = 502, headers: received } = answer;
      if (!rewrite || method === 'HEAD') {
        rewrite?.(request, received, Buffer.of());
        response.writeHead(statusCode, received);
        answer.pipe(response);
        return;
      }
      const body = rewrite(request, received, await buffer(answer));
      const { 'transfer-encoding': _, ...others } = received;
      response.writeHead(statusCode, { ...others, 'content-length': Buffer.byteLength(body) }).end(body);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return listen(server, agent);
}

/** Has a server listen on a free port; `agent` has its connections to another server. */
export async function listen(
  server: http.Server,
  agent?: http.Agent,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent?.destroy();
      await closed;
    },
  };
}
