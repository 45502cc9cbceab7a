import { boolean } from './boolean.js';
import { date } from './date.js';
import type { FieldKind, FieldValue } from './field-type.js';
import { number } from './number.js';
import { string } from './string.js';
import { stringList } from './string-list.js';

export type { AnyAttribute, Attribute, FieldKind, FieldValue, ValueFault } from './field-type.js';
export { isHeld, numberFault } from './number.js';

/** The types that a field can have. All else reads this list. */
export const fieldTypes = { number, string, boolean, date, 'string[]': stringList };

/** The type of a field's values. */
export type FieldType = keyof typeof fieldTypes;

const isFieldType = (name: string): name is FieldType => Object.hasOwn(fieldTypes, name);
export const fieldTypeNames: readonly FieldType[] = Object.keys(fieldTypes).filter(isFieldType);

/** The type of the values of a field of this type, to the compiler. */
export type FieldValueOf<T extends FieldType> = (typeof fieldTypes)[T] extends FieldKind<infer V> ? V : never;

/** What a type knows of its values, for values whose type is not known to the compiler. */
export const kindOf = (type: FieldType): FieldKind<FieldValue> => fieldTypes[type] as FieldKind<FieldValue>;
