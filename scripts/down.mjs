#!/usr/bin/env zx
import { down } from '../localstack/lifecycle.mjs';
import { cli } from './cli.mjs';
import { port, portOf } from './port.mjs';

await cli(
  {
    usage: 'npx zx scripts/down.mjs [--port PORT]',
    about: "Stops the mock of AWS that 'up' started, and nothing else. What it held is lost.",
    options: { port },
  },
  async ({ values, signal }) => {
    for (const line of await down({ port: portOf(values.port), signal })) console.log(line);
  },
);
