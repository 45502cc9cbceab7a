// For scripts that bring up what they need: a mock of AWS, and a catalogue on it.
import { Catalogue, clients, PipelineError, sampleSource, seedCatalogue } from '../../dist/index.js';
import { count } from '../../dist/internal.js';
import { answers, defaultPort, titles, up } from '../../localstack/lifecycle.mjs';

/**
 * @import { Aws, CatalogueSource } from '../../dist/index.js'
 * @import { Mode } from '../../localstack/lifecycle.mjs'
 * @import { Step } from './cli.mjs'
 * @typedef {Pick<Step, 'signal' | 'onProgress'>} Work
 */

/**
 * The mock of the environment (AWS_ENDPOINT_URL) or of the default port; on this machine one is started where none
 * answers.
 *
 * @param {{ mode: Mode, signal: AbortSignal, log?: (line: string) => void }} options
 */
export async function ensureMock({ mode, signal, log = console.log }) {
  const endpoint = process.env.AWS_ENDPOINT_URL || `http://127.0.0.1:${defaultPort}`;
  const kind = await answers(endpoint);
  // Where functions are to run, the embedded emulator will not do: `up` says so.
  if (kind && !(mode === 'ministack' && kind === 'embedded')) return { kind, endpoint };
  const { protocol, hostname, port } = new URL(endpoint);
  if (protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(hostname)) {
    throw new PipelineError(
      'mock.notHere',
      `No mock of AWS answers at ${endpoint} (AWS_ENDPOINT_URL). Start it there, or unset AWS_ENDPOINT_URL ` +
        'to use one on this machine.',
      { value: endpoint },
    );
  }
  const mock = await up({ mode, port: Number(port || 80), log, signal });
  log(`Started ${titles[mock.kind]} at ${mock.endpoint} (npm run down stops it).`);
  return mock;
}

/**
 * What a catalogue holds beside the sample, in words; undefined where it is empty, or has no more than the sample. A
 * seeding that was stopped leaves products without statistics: if they are the sample's, it can be gone on with.
 *
 * @param {Aws} aws
 */
export async function otherThanSample(aws) {
  const sample = sampleSource();
  const catalogue = new Catalogue(aws);
  const there = await catalogue.statistics().catch(isNotThere);
  if (there) return there.source === sample.name ? undefined : `${count(there.products)} products of ${there.source}`;
  const some = catalogue.query({}, { fields: ['id'], limit: 100, quiet: true });
  const products = (await some.toArray().catch(isNotThere)) ?? [];
  const ids = new Set();
  for await (const { id } of sample.products()) ids.add(id);
  return products.every(({ id }) => ids.has(id)) ? undefined : 'products of a data set that was not seeded to its end';
}

/** @param {unknown} error */
function isNotThere(error) {
  if (error instanceof PipelineError && /^aws\.(bucket|table)Missing$/.test(error.code)) return undefined;
  throw error;
}

/**
 * Leaves a complete catalogue as it is, unless it is not the one of `source`; else seeds `source`, by default the
 * sample, which replaces nothing. Returns its statistics.
 *
 * @param {Aws} aws
 * @param {CatalogueSource | undefined} source
 * @param {Work} work
 */
export async function ensureCatalogue(aws, source, work) {
  const there = await new Catalogue(aws).statistics().catch(isNotThere);
  if (there && (!source || there.source === source.name)) return there;
  const other = source ? undefined : await otherThanSample(aws);
  if (other !== undefined)
    throw new PipelineError(
      'catalogue.other',
      `The catalogue ${aws.table} at ${aws.endpoint} holds ${other}. Seed that again, or the sample in its place: ` +
        'npx zx scripts/seed.mjs --sample',
      { value: aws.table },
    );
  await seedCatalogue(aws, source ?? sampleSource(), work);
  return new Catalogue(aws).statistics();
}

/**
 * Where the environment leads: a mock is started and filled with the sample where there is none; a real account is left
 * alone. Without a word: what is shown then is what the script was called for.
 *
 * @param {Work} work
 */
export async function bringUpCatalogue(work) {
  const aws = clients();
  try {
    if (aws.real) return;
    await ensureMock({ mode: 'auto', signal: work.signal, log: () => {} });
    await ensureCatalogue(aws, undefined, work);
  } finally {
    aws.close();
  }
}
