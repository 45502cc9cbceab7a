import { afterAll } from 'vitest';
import { type Aws, clients } from '../../src/aws/clients.js';
import { testServer, uniqueName } from '../server.js';

/** A server for one test file, and a function that makes clients there with a table and bucket of their own. */
export async function ownTables(prefix: string) {
  const server = await testServer();
  const open: Aws[] = [];
  afterAll(async () => {
    for (const aws of open) aws.close();
    await server.close();
  });
  const connected = (names = { table: uniqueName(prefix), bucket: uniqueName(prefix) }): Aws => {
    const aws = clients({ ...names, env: server.env });
    open.push(aws);
    return aws;
  };
  return { server, connected };
}
