import { inspect } from 'node:util';
import { type Aws, placeOf } from '../aws/index.js';
import { interruptible, PipelineError, plural, type StepOptions } from '../work/index.js';
import {
  type Change,
  type ChangeSet,
  type CheckOptions,
  type CheckResult,
  checkCatalogue,
  listChangeSets,
  parseChanges,
  type UpdateOptions,
  type UpdateResult,
  undoChangeSet,
  updateProducts,
} from './changes/index.js';
import type { Entry } from './entry.js';
import { openSchema } from './existing/open.js';
import { sampledStatistics } from './existing/sampled-statistics.js';
import { type Field, fashion, type Product } from './product.js';
import { checkField, checkOptions, Products, type QueryOptions } from './products.js';
import { type Condition, parseCondition } from './query/condition.js';
import { type Plan, plan } from './query/plan.js';
import type { Value } from './query/predicate.js';
import type { Schema } from './schema.js';
import { addIndex } from './store/grow.js';
import { isSampled, weightOf } from './store/sample-counter.js';
import { readStatistics, type Statistics } from './store/statistics.js';

/**
 * A value of a field, and how many products have it.
 *
 * @example
 * const { catalogue } = await connect();
 * const seasons: ValueCount[] = await catalogue.values('season');
 */
export interface ValueCount<P = Product, F extends keyof P = keyof P> {
  /** A text or a number, as the schema says. */
  value: Extract<P[F], Value>;
  /** How many products have it; about, where `sampled`. */
  products: number;
  /** Set where a sample of the products was counted, instead of all: values that few have may be missing. */
  sampled?: true;
}

/** Milliseconds for which queries reuse the statistics, which decide how products are read, not which. */
const statisticsKept = 10_000;

/** How many products were counted when the statistics were last read with these clients. */
const counted = new WeakMap<Aws, number>();

/**
 * The product catalogue: a DynamoDB table, of which a query reads as little as its condition allows.
 *
 * @example
 * const { catalogue } = await connect();
 * for await (const product of catalogue.query({ articleType: 'Heels', year: 2011 })) console.log(product.id);
 * const table = await catalogue.query({ gender: 'Women' }, { limit: 100 }).table();
 */
export class Catalogue<P extends Entry = Product> {
  readonly #aws: Aws;
  #schema: Schema;
  #recent: { statistics: Statistics; until: number } | undefined;

  /** Reads no schema from the table: for data of your own, use `Catalogue.open`. */
  constructor(aws: Aws, schema: Schema = fashion) {
    this.#aws = aws;
    this.#schema = schema;
  }

  /** The schema of the products. */
  get schema(): Schema {
    return this.#schema;
  }

  /**
   * Opens the catalogue of a table, with the schema that the table was seeded with; of a table that another system
   * made, with what a sample of its items shows.
   *
   * @param wanted A schema whose fields and indexes the table must have; default: any.
   * @throws PipelineError `table.otherFields`, `table.otherLayout` where the table lacks any of it;
   * `table.unreadableKey`, `table.missing`, `aws.denied` where another system's table cannot be described.
   *
   * @example
   * const catalogue = await Catalogue.open(clients({ table: 'Leaves', bucket: 'my-leaves' }));
   */
  static async open<P extends Entry = Product>(aws: Aws, wanted?: Schema<P> | Schema): Promise<Catalogue<P>> {
    return new Catalogue<P>(aws, await openSchema(aws, wanted));
  }

  /**
   * Plans how a condition would be read and what that would cost, without reading a product. The plan prints as one
   * line.
   *
   * @throws PipelineError `condition.unknownField`, `condition.unknownOperator`, `condition.badValue`,
   * `condition.tooDeep`, `condition.tooLong`.
   *
   * @example
   * const { catalogue } = await connect();
   * console.log(await catalogue.explain({ subCategory: 'Shoes', year: { gt: 2012 } }));
   * // index bySubCategory, 1,444 of 39,930 products read, 48.5 read units (a scan: 1,335)
   */
  async explain(where: Condition<P>): Promise<Plan> {
    return plan(where, await this.statistics(), this.schema);
  }

  /**
   * The products that satisfy a condition. Nothing is read before the first product is requested; a wrong condition or
   * option is an error at once.
   *
   * @throws PipelineError `condition.unknownField`, `condition.unknownOperator`, `condition.badValue`,
   * `condition.tooDeep`, `condition.tooLong`, `query.badLimit`, `query.unknownField`.
   *
   * @example
   * const { catalogue } = await connect();
   * const heels = await catalogue.query({ articleType: 'Heels', year: 2011 }, { limit: 10 }).toArray();
   */
  query(where: Condition<P>, options: QueryOptions<P> = {}): Products<P> {
    parseCondition(where, this.schema);
    checkOptions(options, this.schema);
    return new Products<P>(
      this.#aws,
      async () => plan(where, await this.#recentStatistics(), this.schema, options.fields),
      options,
    );
  }

  /**
   * The values of a field with their numbers of products, the most frequent first, as the last seeding counted them: no
   * product is read. Products without a value are not counted. Of a table that another system made, they are those of a
   * sample, which stands for all products.
   *
   * @throws PipelineError `query.unknownField`; `catalogue.manyValues` where the field is free text or has more than
   * 500 values; `catalogue.noValues` where the catalogue was not seeded to its end, or by an earlier version.
   *
   * @example
   * const { catalogue } = await connect();
   * console.table(await catalogue.values('season')); // Summer 21,382, Fall 11,286, …
   */
  async values<F extends Exclude<Field<P>, keyof Entry>>(field: F): Promise<ValueCount<P, F>[]> {
    checkField(field, Object.keys(this.schema.fields));
    const statistics = await this.statistics();
    const values = statistics?.values;
    if (!statistics || !values) {
      throw new PipelineError(
        'catalogue.noValues',
        `Which values ${field} has was not counted. ` +
          (this.schema.layout
            ? 'The table may not be scanned: allow dynamodb:Scan.'
            : 'Seed the catalogue again, to its end; what is there is kept.'),
        { value: field },
      );
    }
    const counts = values[field];
    if (!counts) {
      throw new PipelineError(
        'catalogue.manyValues',
        `${field} has too many or too long values to list. Read them: await catalogue.query({}, { fields: ` +
          `['${field}'] }).table()`,
        { value: field },
      );
    }
    const weight = weightOf(statistics);
    const sampled = isSampled(statistics) ? { sampled: true } : {};
    return counts
      .filter(([, products]) => products > 0)
      .map(([value, products]) => ({ value, products: Math.round(products * weight), ...sampled })) as ValueCount<
      P,
      F
    >[];
  }

  /**
   * Changes values of products where they are: `[{ id: 15970, season: 'Fall', was: { season: 'Summer' } }]`. Each is
   * changed only if it has the values that were seen; `null` is no value. Index keys and statistics follow. What is
   * changed is written down first, as a change set: the same call again completes it, `undo` takes it back, and seeding
   * keeps it.
   *
   * @returns How many were changed and unchanged, the conflicts with what is there, and what failed; prints as lines.
   * @throws PipelineError `change.unknownField`, `change.fixedField`, `change.badValue`, `change.noWas`,
   * `change.twice`, `change.malformed`, `source.badId` before anything is changed; `cell.interrupted`, `aws.…`.
   *
   * @example
   * const { catalogue } = await connect();
   * const changes = [{ id: 15970, season: 'Winter', was: { season: 'Fall' } }];
   * console.log(await catalogue.update(changes, { reason: 'looked at it' }));
   */
  async update(changes: readonly Change<P>[], options: UpdateOptions = {}): Promise<UpdateResult> {
    const corrections = parseChanges(changes, this.schema, options.force);
    return this.#changing(options, (steps) => updateProducts(this.#aws, this.schema, corrections, steps));
  }

  /**
   * What was changed by `update`, the newest first: who, when, why, and the values before and after. Each prints as a
   * line.
   *
   * @throws PipelineError `changes.malformed`, `aws.…`
   */
  changes(): Promise<ChangeSet[]> {
    return listChangeSets(this.#aws);
  }

  /**
   * Takes a change set back, as a change set of its own: products that still have its values get those from before;
   * others are conflicts.
   *
   * @param changeSet One of `changes()`, or its id.
   * @throws PipelineError `changes.unknown`; `changes.undone` where that was done already; `cell.interrupted`, `aws.…`.
   *
   * @example
   * const { catalogue } = await connect();
   * const [last] = await catalogue.changes();
   * if (last) console.log(await catalogue.undo(last));
   */
  async undo(changeSet: ChangeSet | string, options: UpdateOptions = {}): Promise<UpdateResult> {
    const id = typeof changeSet === 'string' ? changeSet : changeSet.id;
    return this.#changing(options, (steps) => undoChangeSet(this.#aws, this.schema, id, steps));
  }

  /**
   * Finds what does not fit where other programs have changed products: keys of indexes that their fields do not make,
   * and statistics that count otherwise. With `repair` it mends them. It reads the whole table.
   *
   * @throws PipelineError `table.readOnly`, `cell.interrupted`, `aws.…`
   *
   * @example
   * const { catalogue } = await connect();
   * console.log(await catalogue.check({ repair: true }));
   */
  async check(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#changing(options, (steps) => checkCatalogue(this.#aws, this.schema, steps));
  }

  /** Changes the table; plans are made by new statistics from then on. */
  #changing<O extends StepOptions, T>(options: O, change: (options: O) => Promise<T>): Promise<T> {
    return interruptible(options, 'Run the cell again to complete it.', (steps) =>
      change({ ...options, ...steps }).finally(() => {
        this.#recent = undefined;
      }),
    );
  }

  /**
   * Adds an index to the table, which stays in use: conditions that name the values of all these fields are then read
   * by it. Products get its keys where they lack them; nothing else is written. Run again, it completes what it began.
   * On AWS it takes some minutes, and the index is charged with each write.
   *
   * @param fields One field, a text or a date, or several of any type but lists.
   * @throws PipelineError `schema.badIndex`; `schema.malformed` at more than 20 indexes; `source.longKey` where the
   * values of a product are too long; `table.otherKeys`, `aws.tableMissing`; `cell.interrupted`, `aws.…`.
   *
   * @example
   * const { catalogue } = await connect();
   * await catalogue.addIndex(['baseColour', 'season']);
   * console.log(await catalogue.explain({ baseColour: 'Teal', season: 'Fall' })); // index byBaseColourSeason, …
   */
  async addIndex(fields: readonly Exclude<Field<P>, keyof Entry>[], options: StepOptions = {}): Promise<void> {
    this.#schema = await interruptible(options, 'Run the cell again to complete it.', (steps) =>
      addIndex(this.#aws, fields, steps),
    );
    this.#recent = undefined;
  }

  /**
   * The statistics that seeding wrote; undefined where no seeding came to its end. Of a table that another system made,
   * those of a sample, a day old at most; undefined where the table may not be scanned.
   */
  async statistics(): Promise<Statistics | undefined> {
    const statistics = await (this.schema.layout
      ? sampledStatistics(this.#aws, this.schema)
      : readStatistics(this.#aws));
    if (statistics) counted.set(this.#aws, statistics.products);
    return statistics;
  }

  /** The same, read once for several queries in succession. */
  async #recentStatistics(): Promise<Statistics | undefined> {
    if (!this.#recent || performance.now() > this.#recent.until) {
      const statistics = await this.statistics();
      this.#recent = statistics && { statistics, until: performance.now() + statisticsKept };
    }
    return this.#recent?.statistics;
  }

  /** Its table, bucket and endpoint, its number of products where that was read, and its fields, in one line. */
  toString(): string {
    const number = counted.get(this.#aws);
    const products = number === undefined ? 'products' : plural(number, 'product');
    const fields = ['id', ...Object.keys(this.schema.fields), 'imagePath'].join(', ');
    return `Catalogue of ${placeOf(this.#aws)}: ${products} with ${fields}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
