#!/usr/bin/env zx
import { defaultPort, down } from '../localstack/lifecycle.mjs';
import { cli, port } from './lib/cli.mjs';

await cli(
  {
    usage: 'npx zx scripts/down.mjs [--port PORT]',
    about: "Stops the mock of AWS that 'up' started, and nothing else. What it held is lost.",
    options: { port: { ...port, default: defaultPort } },
  },
  async ({ values, signal }) => {
    for (const line of await down({ port: values.port, signal })) console.log(line);
  },
);
