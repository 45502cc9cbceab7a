import { PipelineError } from '../../work/index.js';
import type { FieldType } from '../field-types/index.js';
import { parseId } from '../id.js';
import type { Layout, TableIndex } from '../layout.js';
import { parseSchema, reserved, type Schema } from '../schema.js';
import { type Found, imageIn } from './found-fields.js';
import type { Sample } from './sample.js';
import type { IndexFact, KeyFact, TableFacts } from './table-facts.js';

/** An index that conditions are not read by, and why. */
export interface UnreadIndex {
  name: string;
  reason: string;
}

/**
 * Makes a schema of what was found of a table.
 *
 * @throws PipelineError `table.unreadableKey` where its key is bytes.
 */
export function schemaOf(facts: TableFacts, found: Found, sample: Sample): { schema: Schema; unread: UnreadIndex[] } {
  const [partition] = facts.partition;
  const [sort] = facts.sort;
  checkKey(facts, [...facts.partition, ...facts.sort]);
  if (!partition) throw unreadable(facts, 'it has no partition key');
  const image = imageIn(found);
  const unread = facts.indexes.flatMap((index) => whyUnread(index, sort ? undefined : partition.attribute));
  const read = facts.indexes.filter(({ name }) => !unread.some((each) => each.name === name));
  const ids = sort ? [] : sample.items.map((item) => item[partition.attribute]?.N ?? '');
  const wholeIds = !sort && partition.type === 'N' && ids.every((text) => parseId(text) !== undefined);
  // The key that is the id itself is no field.
  const isId = partition.attribute === 'id' && !sort && (partition.type === 'S' || wholeIds);

  const ofKey = [partition, ...(sort ? [sort] : [])].map(({ attribute }) => attribute);
  const inOrder = [...found.fields].sort((a, b) => rank(ofKey, a.attribute) - rank(ofKey, b.attribute));
  const types = new Map<string, FieldType>(inOrder.map(({ attribute, type }) => [attribute, type]));
  const keys = (side: 'partition' | 'sort') => [...facts[side], ...read.flatMap((index) => index[side])];
  // A text that other systems write as a date need not be the same text here, so that no key is equal to one.
  for (const { attribute, type } of keys('sort'))
    if (!isOf(type, types.get(attribute))) types.set(attribute, type === 'N' ? 'number' : 'string');
  for (const { attribute, type } of keys('partition')) types.set(attribute, type === 'N' ? 'number' : 'string');
  if (isId) types.delete('id');
  if (image === 'imagePath') types.delete('imagePath');

  const names = fieldNames([...types.keys()]);
  const field = (attribute: string): string => names.get(attribute) ?? attribute;
  const renamed = [...names]
    .filter(([attribute, name]) => attribute !== name)
    .map(([attribute, name]) => [name, attribute]);
  const indexes = read.map(
    ({ name, partition: [from], sort: [order], projected }): TableIndex => ({
      name,
      partition: field(from?.attribute ?? ''),
      ...(order && { sort: field(order.attribute) }),
      projected: projected === 'all' ? 'all' : projected.filter((attribute) => types.has(attribute)).map(field),
    }),
  );
  const layout: Layout = {
    key: { partition: isId ? 'id' : field(partition.attribute), ...(sort && { sort: field(sort.attribute) }) },
    indexes,
    ...(image !== undefined && { image: image === 'imagePath' ? image : field(image) }),
    ...(renamed.length > 0 && { attributes: Object.fromEntries(renamed) }),
  };
  const fields = Object.fromEntries([...types].map(([attribute, type]) => [field(attribute), type]));
  return { schema: parseSchema({ ...(!wholeIds && { id: 'string' }), fields, layout }), unread };
}

/** The key comes first, the rest stays as it is. */
const rank = (key: readonly string[], attribute: string): number =>
  key.includes(attribute) ? key.indexOf(attribute) : key.length;

const isOf = (key: KeyFact['type'], type: FieldType | undefined): boolean =>
  key === 'N' ? type === 'number' : type === 'string' || type === 'date';

/** The names of the fields of attributes: a name that means something else gets a `_`. */
function fieldNames(attributes: readonly string[]): Map<string, string> {
  const taken = new Set([...attributes, ...reserved]);
  return new Map(
    attributes.map((attribute) => {
      let name = attribute;
      while (reserved.includes(attribute) && taken.has(name)) name += '_';
      taken.add(name);
      return [attribute, name];
    }),
  );
}

function checkKey(facts: TableFacts, keys: readonly KeyFact[]): void {
  const bytes = keys.find(({ type }) => type === 'B');
  if (bytes) throw unreadable(facts, `${bytes.attribute} is bytes (B), and an id is a text or a number`);
}

const unreadable = ({ table }: TableFacts, why: string) =>
  new PipelineError(
    'table.unreadableKey',
    `The key of the table ${table} cannot be read: ${why}. Copy what you need into a table whose key is a text or a ` +
      'number: export it to S3 from DynamoDB, and seed that.',
    { value: table },
  );

/** Why conditions cannot be read by an index. */
function whyUnread({ name, partition, sort, active }: IndexFact, idAlone: string | undefined): UnreadIndex[] {
  const reason = !active
    ? 'it is not active yet'
    : [...partition, ...sort].some(({ type }) => type === 'B')
      ? 'its key is bytes'
      : partition.length > 1 || sort.length > 1
        ? 'its key has more than two attributes'
        : [...partition, ...sort].some(({ attribute }) => attribute === idAlone && attribute === 'id')
          ? 'its key is the id'
          : undefined;
  return reason === undefined ? [] : [{ name, reason }];
}
