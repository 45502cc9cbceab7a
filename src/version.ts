import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packageRoot } from './package-root.js';

/** The kit's version, from its package.json. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'))).version;
