import { and, type ListTest, matcher, type Predicate, type Value, type ValueTest } from './predicate.js';

/**
 * The only values that a field can have, as the tests that must hold name them, and the other conjuncts; undefined
 * where no test names values.
 */
export function namedValues(
  field: string,
  parts: readonly Predicate[],
): { values: Value[]; rest: Predicate[] } | undefined {
  const own = parts.filter((part) => part.kind === 'test' && part.field === field);
  const naming = own.find(
    (part): part is ValueTest | ListTest => part.kind === 'test' && (part.operator === 'eq' || part.operator === 'in'),
  );
  if (!naming) return undefined;
  const named = naming.operator === 'in' ? naming.value : [naming.value];
  const holds = matcher(and(own));
  const tested = new Set<Predicate>(own);
  return {
    values: named.filter((value) => holds({ id: 0, [field]: value })),
    rest: parts.filter((part) => !tested.has(part)),
  };
}
