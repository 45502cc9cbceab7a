// The option --port of up and down.
import { defaultPort } from '../localstack/lifecycle.mjs';
import { UsageError } from './cli.mjs';

export const port = {
  type: 'string',
  value: 'PORT',
  default: String(defaultPort),
  help: `the port on 127.0.0.1 (default ${defaultPort})`,
};

export function portOf(text) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65535) return number;
  throw new UsageError(`--port '${text}' is no port: give a number from 1 to 65535`);
}
