// For scripts that work on the local mock and start it where nothing answers.
import { answers, defaultPort, up } from '../localstack/lifecycle.mjs';

/** The mock of the environment (AWS_ENDPOINT_URL) or of the default port; the embedded emulator is started where none answers. */
export async function ensureMock({ signal } = {}) {
  const endpoint = process.env.AWS_ENDPOINT_URL || `http://127.0.0.1:${defaultPort}`;
  const kind = await answers(endpoint);
  if (kind) return { kind, endpoint, started: false };
  const { hostname, port } = new URL(endpoint);
  if (!['127.0.0.1', 'localhost'].includes(hostname)) {
    throw new Error(`No mock of AWS answers at ${endpoint} (AWS_ENDPOINT_URL). Start it there, or unset AWS_ENDPOINT_URL to use the embedded emulator.`);
  }
  return up({ mode: 'embedded', port: Number(port || 80), signal });
}
