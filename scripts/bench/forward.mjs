// What the bench's servers do not deal with themselves they send on to a mock of AWS.
import http from 'node:http';

/**
 * Sends requests, whose body was read, on to `upstream`, over connections that stay open until `close`; `onAnswer`
 * receives each answer.
 *
 * @param {string} upstream
 */
export function forwarder(upstream) {
  const { hostname, port } = new URL(upstream);
  const agent = new http.Agent({ keepAlive: true });
  return {
    /**
     * @param {http.IncomingMessage} request
     * @param {Buffer} body
     * @param {http.ServerResponse} response
     * @param {(answer: http.IncomingMessage) => void} [onAnswer]
     */
    forward({ method, url, headers }, body, response, onAnswer) {
      const onward = http.request({ hostname, port, method, path: url, headers, agent }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        onAnswer?.(answer);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    },
    close: () => agent.destroy(),
  };
}
