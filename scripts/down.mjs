#!/usr/bin/env zx
import { defaultPort, down } from '../localstack/lifecycle.mjs';
import { cli, json, port } from './lib/cli.mjs';

await cli(
  {
    usage: 'npx zx scripts/down.mjs [--port PORT] [--json]',
    about: "Stops the mock of AWS that 'up' started, and nothing else. What it held is lost.",
    options: { port: { ...port, default: defaultPort }, json },
  },
  async ({ values, signal }) => {
    const done = await down({ port: values.port, signal });
    console.log(values.json ? JSON.stringify({ port: values.port, done }) : done.join('\n'));
  },
);
