import { columnTypes, type Schema } from '../schema.js';
import { attributeOf } from '../store/key.js';
import { type TablePath, unprojected } from './layout-paths.js';
import { type Comparison, type Predicate, testedFields } from './predicate.js';

/**
 * Whether DynamoDB may filter by a part of a condition before it answers. In the kit's own tables it may always; in one
 * that another system made, where it leaves out no product that satisfies the part: values may be written in other
 * ways there (a time in a zone of its own, an empty text for none), and an index may lack the field.
 */
export function isSendable(part: Predicate, schema: Schema, path?: TablePath): boolean {
  if (!schema.layout) return true;
  // DynamoDB does not filter by the key of what it reads.
  const keys = new Set([path?.partition, path?.sort].flatMap((field) => (field ? attributeOf(schema, field) : [])));
  const fields = [...testedFields(part)];
  if (fields.length === 0 || fields.some((field) => field === 'id' || keys.has(attributeOf(schema, field))))
    return false;
  return (!path || unprojected(path, schema, fields).length === 0) && agrees(part, schema);
}

/** Whether DynamoDB takes every product that satisfies a part; it may take more. */
function agrees(part: Predicate, schema: Schema): boolean {
  switch (part.kind) {
    case 'and':
    case 'or':
      return part.parts.every((each) => agrees(each, schema));
    case 'not':
      return typeOf(part.part, schema) === 'string'
        ? ['eq', 'in', 'beginsWith', 'contains'].includes(part.part.operator)
        : typeOf(part.part, schema) === 'boolean' && part.part.operator === 'eq';
    case 'test':
      return part.operator === 'exists' ? part.value : typeOf(part, schema) !== 'date';
  }
}

const typeOf = ({ field }: Comparison, schema: Schema) => columnTypes(schema)[field];
