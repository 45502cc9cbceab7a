import { inspect } from 'node:util';
import { count, percent, plural } from '../../work/index.js';
import { kindOf } from '../field-types/index.js';
import { keyInWords, type Schema } from '../schema.js';
import { idOfItem } from '../store/key.js';
import type { Found } from './found-fields.js';
import { schemaOf, type UnreadIndex } from './found-schema.js';
import type { Sample } from './sample.js';
import type { IndexFact, KeyFact, TableFacts } from './table-facts.js';

/** A field of a table, as `TableDescription` has it. */
export interface DescribedField {
  /** As the schema calls it. */
  name: string;
  /** As the table calls it. */
  attribute: string;
  /** `a text`, `a number`, … */
  type: string;
  /** The share of the items that have a value of this type, from 0 to 1. */
  share: number;
  /** The share of those that have another kind of value, which is left out. */
  otherKinds: number;
  examples: readonly string[];
}

/**
 * What there is in a table that another system made, as DynamoDB and a sample of its items say. Prints as a table.
 *
 * @example
 * const described: TableDescription = await describeTable(clients(), { table: 'FashionProducts' });
 * console.log(described.schema.fields, described.items);
 */
export class TableDescription {
  readonly table: string;
  /** The attributes of its key: a partition key and, of some tables, a sort key. */
  readonly key: readonly KeyFact[];
  readonly indexes: readonly IndexFact[];
  /** The indexes that no condition is read by, and why. */
  readonly unread: readonly UnreadIndex[];
  readonly fields: readonly DescribedField[];
  /** Attributes whose values no type of fields fits, and the share of the items that have them. */
  readonly leftOut: readonly { attribute: string; kind: string; share: number }[];
  /** The field that says where a product's image is; undefined where none looks so. */
  readonly image: string | undefined;
  readonly billing: 'on demand' | 'provisioned';
  /** As DynamoDB counted them some hours ago, or as they were read, where that is all of them. */
  readonly items: number;
  readonly bytes: number;
  /** How many items were read. */
  readonly sampled: number;
  /** Of the items that were read, those whose key is no id. */
  readonly withoutId: number;
  readonly readUnits: number;
  /** For `connect({ table, schema })`. */
  readonly schema: Schema;
  readonly #id: string;

  constructor(facts: TableFacts, found: Found, sample: Sample) {
    const { schema, unread } = schemaOf(facts, found, sample);
    const names = new Map(
      Object.entries(schema.layout?.attributes ?? {}).map(([name, attribute]) => [attribute, name]),
    );
    const share = (items: number) => (sample.items.length === 0 ? 0 : items / sample.items.length);
    const ids = sample.items.map((item) => idOfItem(item, schema));
    this.table = facts.table;
    this.key = [...facts.partition, ...facts.sort];
    this.indexes = facts.indexes;
    this.unread = unread;
    this.fields = found.fields.map(({ attribute, type, items, otherKinds, examples }) => {
      const name = names.get(attribute) ?? attribute;
      const typed = kindOf(schema.fields[name] ?? type).title || 'a text';
      return { name, attribute, type: typed, share: share(items), otherKinds: share(otherKinds), examples };
    });
    this.leftOut = found.leftOut.map(({ attribute, kind, items }) => ({ attribute, kind, share: share(items) }));
    this.image = schema.layout?.image;
    this.billing = facts.billing;
    this.items = sample.products;
    this.bytes = sample.complete ? sample.bytes : Math.max(facts.bytes, sample.bytes);
    this.sampled = sample.items.length;
    this.withoutId = ids.filter((id) => id === undefined).length;
    this.readUnits = sample.readUnits;
    this.schema = schema;
    this.#id = JSON.stringify(ids.find((id) => id !== undefined) ?? null);
  }

  /** The schema as code, to paste into a cell. */
  get code(): string {
    const { id, fields, layout } = this.schema;
    const definition = inspect(
      { ...(id && { id }), fields, layout },
      { depth: 6, breakLength: 100, maxArrayLength: null },
    );
    return `const schema = defineSchema(${definition});`;
  }

  toString(): string {
    const key = this.key.map(keyFactInWords).join(' + ');
    const missing = (index: IndexFact) => this.unread.find(({ name }) => name === index.name)?.reason;
    const lines = [
      `The table ${this.table}: ${plural(this.items, 'item')}, ${sizeInWords(this.bytes)}, ${this.billing}. ` +
        `${this.sampled === this.items ? 'All were' : `${count(this.sampled)} of them were`} read, for ` +
        `${count(this.readUnits)} read units.`,
      `key     ${key}${this.#id === 'null' ? '' : `; an id is ${this.#id}`}`,
      ...this.indexes.map((index) => `index   ${indexInWords(index, missing(index))}`),
      `image   ${this.image ?? "no field looks like the place of one; name it in the schema: layout: { image: '…' }"}`,
      '',
      ...fieldTable(this.fields),
      ...this.leftOut.map(({ attribute, kind, share }) => `left out: ${attribute}, ${kind} in ${percent(share)}`),
      ...(this.withoutId > 0 ? [`left out: ${plural(this.withoutId, 'item')} whose key is no id`] : []),
    ];
    return lines.join('\n');
  }

  [inspect.custom](): string {
    return `${this}\n\n${this.code}`;
  }
}

const types = { S: 'a text', N: 'a number', B: 'bytes' };
const keyFactInWords = ({ attribute, type }: KeyFact): string => `${attribute} (${types[type]})`;

function indexInWords({ name, partition, sort, projected }: IndexFact, unread: string | undefined): string {
  const keys = [...partition, ...sort].map(keyFactInWords).join(' + ');
  const has =
    projected === 'all' ? 'all fields' : `the keys${projected.length > 0 ? ` and ${projected.join(', ')}` : ' alone'}`;
  return `${name}: ${keys}, with ${has}${unread === undefined ? '' : `; not used, since ${unread}`}`;
}

/** Names, types, shares and examples, a line each. */
function fieldTable(fields: readonly DescribedField[]): string[] {
  const cells = [
    ['field', 'type', 'in', 'examples'],
    ...fields.map(({ name, attribute, type, share, otherKinds, examples }) => [
      name === attribute ? name : `${name} (${attribute})`,
      type,
      percent(share, 0),
      `${otherKinds > 0 ? `(another kind in ${percent(otherKinds)}) ` : ''}${examples.map(brief).join(', ')}`,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const brief = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
};

const sizeInWords = (bytes: number): string =>
  bytes < 1e6 ? `${count(Math.ceil(bytes / 1000))} kB` : `${count(Math.round(bytes / 1e5) / 10)} MB`;

/** What was found of a table, in a line. */
export function foundInWords(table: string, { fields, layout }: Schema, products: number | undefined): string {
  if (!layout) return '';
  const indexes = layout.indexes.map(({ name }) => name).join(', ');
  return (
    `${table} was made by another system, and is only read: key ${keyInWords(layout)}, ` +
    `${indexes === '' ? 'no index' : `indexes ${indexes}`}, ${plural(Object.keys(fields).length, 'field')}, ` +
    `images in ${layout.image ?? 'no field'}${products === undefined ? '' : `; ${plural(products, 'product')}`}.`
  );
}
