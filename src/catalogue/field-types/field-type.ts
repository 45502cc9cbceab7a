/** The value of a field of a product. */
export type FieldValue = string | number | boolean | readonly string[];

/** An attribute of DynamoDB, as far as fields have them. */
export type Attribute = { S: string } | { N: string } | { BOOL: boolean } | { L: { S: string }[] };

/** An attribute as DynamoDB answers it: of these kinds, or of another one. */
export interface AnyAttribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
  readonly L?: readonly AnyAttribute[] | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly B?: Uint8Array | undefined;
  readonly BS?: readonly Uint8Array[] | undefined;
  readonly NULL?: boolean | undefined;
  readonly M?: Readonly<Record<string, AnyAttribute>> | undefined;
}

/** Why a text or value cannot be the value of a field, to follow it: `is not a number. Correct it, …` */
export interface ValueFault {
  readonly code: 'source.badNumber' | 'source.badYear' | 'source.badValue';
  readonly reason: string;
}

/** How values of one type are read, checked, kept in DynamoDB and sorted. */
export interface FieldKind<V extends FieldValue> {
  /** As a schema is told in words: `a number`; empty for texts, which are the most. */
  readonly title: string;
  /** What a program has to give: `a number, without quotes`. */
  readonly wanted: string;
  /** The value that a program means, in the one form that is kept; undefined where it is none. */
  valueOf(given: unknown): V | undefined;
  /** The value that a text of a file stands for, or why it is none. */
  parse(text: string, lists: string): V | ValueFault;
  attribute(value: V): Attribute;
  /** The value of an attribute; undefined where it is of another kind. */
  ofAttribute(attribute: AnyAttribute): V | undefined;
  /** A text that sorts as the value does, without `#` and `$`; undefined where values have no order. */
  readonly sortText?: (value: V) => string;
  /** So many characters of a sort text are kept apart in statistics. */
  readonly sortCharacters?: number;
}
