import type { Aws } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { columnTypes, type Schema } from '../schema.js';
import { attributeOf, keyType } from '../store/key.js';
import { type KeyFact, missingTable, tableFacts } from './table-facts.js';

/**
 * Makes sure that a schema's layout is that of the table. Where the table may not be described, the layout is believed.
 *
 * @throws PipelineError `table.missing`; `table.otherLayout` where the table has another key, or an index is missing or
 * is another.
 */
export async function checkLayout(aws: Aws, schema: Schema): Promise<void> {
  const { layout } = schema;
  if (!layout) return;
  const facts = await tableFacts(aws, aws.table).catch((error: unknown) => {
    if (error instanceof PipelineError && error.code === 'aws.denied') return 'unknown' as const;
    throw error;
  });
  if (facts === 'unknown') return;
  if (!facts) throw await missingTable(aws, aws.table);
  const wanted = (...columns: (string | undefined)[]) =>
    inWords(
      columns
        .filter((column) => column !== undefined)
        .map((column) => ({ attribute: attributeOf(schema, column), type: typeOf(schema, column) })),
    );
  const differ = (what: string, said: string, there: string) => {
    if (said === there) return;
    throw new PipelineError(
      'table.otherLayout',
      `The schema says that ${what} ${said}; the table ${aws.table} has ${there}. Describe it anew: npx zx ` +
        `scripts/describe.mjs --table ${aws.table}`,
      { value: said },
    );
  };
  differ('its key is', wanted(layout.key.partition, layout.key.sort), inWords([...facts.partition, ...facts.sort]));
  for (const { name, partition, sort, projected } of layout.indexes) {
    const there = facts.indexes.find((index) => index.name === name);
    const names = facts.indexes.map((index) => index.name).join(', ');
    if (!there) differ('there is', `an index ${name}`, names === '' ? 'no index' : names);
    else {
      differ(`the index ${name} is of`, wanted(partition, sort), inWords([...there.partition, ...there.sort]));
      if (there.projected === 'all') continue;
      const has = new Set([
        ...there.projected,
        ...[there, facts].flatMap((each) => [...each.partition, ...each.sort]).map(nameOf),
      ]);
      const all = projected === 'all' ? Object.keys(columnTypes(schema)) : projected;
      const lacks = all.filter((field) => !has.has(attributeOf(schema, field)));
      differ(
        `the index ${name} has`,
        lacks.length === 0 ? 'what it has' : projected === 'all' ? 'all fields' : lacks.join(', '),
        lacks.length === 0 ? 'what it has' : `${[...there.projected].join(', ') || 'the keys alone'} in it`,
      );
    }
  }
}

const nameOf = ({ attribute }: KeyFact): string => attribute;

/** The type of a key's attribute, where the schema tells: an id that is a text may be a number there. */
const typeOf = (schema: Schema, column: string): KeyFact['type'] => keyType(schema, column);

const types = { S: 'a text', N: 'a number', B: 'bytes' };
const inWords = (keys: readonly KeyFact[]): string =>
  keys.map(({ attribute, type }) => `${attribute} (${types[type]})`).join(' + ');
