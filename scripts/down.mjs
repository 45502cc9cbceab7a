#!/usr/bin/env zx
import { down } from '../localstack/down.mjs';
import { defaultPort } from '../localstack/lifecycle.mjs';
import { cli, json, port } from './lib/cli.mjs';

await cli(
  {
    usage: 'npx zx scripts/down.mjs [--port PORT] [--delete] [--json]',
    about:
      "Stops the mock of AWS that 'up' started, and nothing else. What the embedded emulator or MiniStack holds is " +
      "kept on disk for the next 'up'; what LocalStack holds is lost.",
    options: {
      port: { ...port, default: defaultPort },
      delete: { type: 'boolean', help: 'throw away what the embedded emulator and MiniStack have kept' },
      json,
    },
  },
  async ({ values, signal }) => {
    const done = await down({ port: values.port, deleteState: values.delete, signal });
    console.log(values.json ? JSON.stringify({ port: values.port, done }) : done.join('\n'));
  },
);
