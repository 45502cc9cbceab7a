import { inspect } from 'node:util';
import type { Aws } from '../../aws/index.js';
import { concurrently, count, plural, type StepOptions, Tracker, visible } from '../../work/index.js';
import type { Entry } from '../entry.js';
import type { ProductId } from '../id.js';
import type { Schema } from '../schema.js';
import { toItem, toProduct } from '../store/items.js';
import { keyFault, mendKeys, scanItems } from '../store/keys.js';
import { readStatistics, replaceStatistics, StatisticsCounter } from '../store/statistics.js';
import { checkWritable } from '../store/writable.js';

/**
 * Whether what is found is also mended.
 *
 * @example
 * const options: CheckOptions = { repair: true };
 * const { catalogue } = await connect();
 * console.log(await catalogue.check(options));
 */
export interface CheckOptions extends StepOptions {
  /** Mend what is wrong; default false. */
  repair?: boolean | undefined;
}

/**
 * What does not fit in a catalogue that other programs have changed. It prints as a line.
 *
 * @example
 * const { catalogue } = await connect();
 * const { ok, keys }: CheckResult = await catalogue.check();
 * if (!ok) console.log(keys);
 */
export class CheckResult {
  constructor(
    /** How many products there are. */
    readonly products: number,
    /** Products that indexes have in the wrong place, or not at all. */
    readonly keys: readonly ProductId[],
    /** What the statistics count otherwise: `products`, `bytes`, `values`, and the names of indexes. */
    readonly statistics: readonly string[],
    /** Whether it was mended. */
    readonly repaired: boolean,
  ) {}

  /** Whether everything fits, by now. */
  get ok(): boolean {
    return this.repaired || this.keys.length + this.statistics.length === 0;
  }

  toString(): string {
    const { products, keys, statistics, repaired } = this;
    const found = [
      ...(keys.length > 0 ? [`${plural(keys.length, 'product')} with stale index keys (${some(keys)})`] : []),
      ...(statistics.length > 0 ? [`stale statistics (${statistics.join(', ')})`] : []),
    ];
    if (found.length === 0) return `${plural(products, 'product')}: index keys and statistics are right.`;
    const end = repaired ? 'Mended.' : 'Mend them: await catalogue.check({ repair: true })';
    return visible(`${plural(products, 'product')}: ${found.join('; ')}. ${end}`);
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const some = (ids: readonly ProductId[]): string =>
  ids.length > 10 ? `${ids.slice(0, 10).join(', ')} and ${count(ids.length - 10)} more` : ids.join(', ');

const writesAtOnce = 64;

/** Reads the whole table, and compares index keys and statistics with what its fields make of them. */
export async function checkCatalogue(
  aws: Aws,
  schema: Schema,
  { repair = false, signal, onProgress }: CheckOptions,
): Promise<CheckResult> {
  if (repair) checkWritable(aws, schema);
  const before = await readStatistics(aws);
  const tracker = new Tracker('check', 'products', before?.products, onProgress);
  const counter = new StatisticsCounter(before?.source ?? aws.table, schema);
  const wrong: ProductId[] = [];
  for await (const items of scanItems(aws, signal)) {
    const products = items.flatMap((item) => {
      const product = toProduct<Entry>(item, schema);
      return product ? { item, product } : [];
    });
    // The keys of another system's table are its own.
    const stale = schema.layout ? [] : products.filter(({ item }) => keyFault(item, schema));
    wrong.push(...stale.map(({ product }) => product.id));
    if (repair)
      await concurrently(stale, ({ item }) => mendKeys(aws, item, schema, signal), {
        concurrency: writesAtOnce,
        signal,
      });
    for (const { product } of products) counter.add(product, toItem(product, schema));
    tracker.tick(items.length);
  }
  tracker.end();
  const counted = counter.result;
  const differ = before && !before.sample ? differences(before, counted) : [];
  if (repair && differ.length > 0) await replaceStatistics(aws, counted);
  return new CheckResult(counted.products, wrong.sort(), differ, repair);
}

type Counted = StatisticsCounter['result'];

/** What two counts differ in; values of fields by their numbers, in whatever order. */
function differences(a: Counted, b: Counted): string[] {
  const same = (one: unknown, other: unknown) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
  const indexes = Object.keys({ ...a.indexes, ...b.indexes }).filter((name) => !same(a.indexes[name], b.indexes[name]));
  return [...(['products', 'bytes', 'values'] as const).filter((name) => !same(a[name], b[name])), ...indexes];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}
