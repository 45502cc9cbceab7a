import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { testServer } from '../server.js';
import { jupyter } from '../views/execute.js';
import { startKernel } from '../views/kernel.js';

const cell = z.object({
  cell_type: z.string(),
  source: z.string(),
  metadata: z.object({ says: z.string().default(''), wrong: z.boolean().default(false) }),
});
const scratch = z.object({ cells: z.array(cell) });

test.skipIf(!jupyter)(
  'a task as a newcomer types it comes to its end, and each wrong turn says how to go on',
  async () => {
    const { cells } = scratch.parse(JSON.parse(await readFile('test/notebooks/7-scratch.ipynb', 'utf8')));
    const [server, folder] = await Promise.all([testServer(), mkdtemp(path.join(tmpdir(), 'scratch-'))]);
    const aws = clients({ env: server.env });
    await seedCatalogue(aws, sampleSource({ products: 400 }));
    aws.close();
    const kernel = startKernel({ ...server.env, SCRATCH: folder });
    try {
      for (const { source, metadata } of cells.filter(({ cell_type }) => cell_type === 'code')) {
        const { status, stdout, stderr, shown } = await kernel.run(source);
        expect({ status, stderr: metadata.wrong ? '' : stderr }, source).toEqual({
          status: metadata.wrong ? 'error' : 'ok',
          stderr: '',
        });
        const said = metadata.wrong ? stderr : [...shown, stdout].join('\n');
        expect(said.trimStart(), source).toMatch(new RegExp(metadata.says));
        // A person reads one line, not a page.
        if (metadata.wrong) expect(stderr.trim().split('\n').length, stderr).toBeLessThanOrEqual(2);
      }
    } finally {
      kernel.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
