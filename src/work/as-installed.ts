import { existsSync } from 'node:fs';
import { packageRoot } from '../package-root.js';

/** The kit's scripts lie beside it in a checkout, and not in the package. */
const hasScripts = existsSync(new URL('scripts/', packageRoot));

/** What a script is called for, as a program does it; what no program does is done from a checkout. */
const instead: Readonly<Record<string, (args: readonly string[]) => string>> = {
  seed: () => "await seedCatalogue(clients(), await folderSource('DIR'))",
  up: ([, port = '4566']) => `docker run -p 127.0.0.1:${port}:4566 localstack/localstack:4.14.0`,
  jobs: ([verb = 'list', id = '']) =>
    verb === 'list' ? 'await pipeline.jobs()' : `await (await pipeline.job('${id}')).${methods[verb] ?? verb}()`,
  'tfjs-node': () => 'npm install @tensorflow/tfjs-node',
};

/** Where a command has another name than the method of a job. */
const methods: Readonly<Record<string, string>> = { watch: 'result' };

const command = /`?(?:npx )?zx scripts\/([\w-]+)\.mjs((?: [\w-]+)*)`?/g;

/**
 * A message that tells which script to run, as it is right where the kit is installed: in a checkout as it stands, for
 * the package, which has no scripts, with what a program calls.
 */
export function asInstalled(message: string, scripts = hasScripts): string {
  if (scripts) return message;
  return message.replace(
    command,
    (_, name: string, args: string) =>
      instead[name]?.(args.split(' ').slice(1)) ?? `${name}.mjs${args}, a script of the kit's repository`,
  );
}
