import { chunks } from '../../work/index.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import type { Item } from '../store/items.js';
import { attributeOf } from '../store/key.js';
import { and, type Comparison, not, or, type Predicate, type Value } from './predicate.js';

const symbols = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Builds the expressions of a request, with a placeholder for each name and value: field names such as `year` are
 * reserved words of DynamoDB, and values must not be part of the text.
 */
export class Expressions {
  readonly names: Record<string, string> = {};
  readonly values: Item = {};
  readonly #schema: Schema;
  #count = 0;
  readonly #odd = new Map<string, string>();

  constructor(schema: Schema = fashion) {
    this.#schema = schema;
  }

  /** The placeholder of the attribute of a column. */
  column(name: string): string {
    return this.name(attributeOf(this.#schema, name));
  }

  /** The placeholder of an attribute: of one with characters that DynamoDB takes in none, a number. */
  name(attribute: string): string {
    const placeholder = /^[A-Za-z]\w{0,99}$/.test(attribute) ? `#${attribute}` : this.#numbered(attribute);
    this.names[placeholder] = attribute;
    return placeholder;
  }

  #numbered(attribute: string): string {
    const placeholder = this.#odd.get(attribute) ?? `#_${this.#odd.size}`;
    this.#odd.set(attribute, placeholder);
    return placeholder;
  }

  /** The placeholder of a value. */
  value(value: Value): string {
    const placeholder = `:v${this.#count++}`;
    this.values[placeholder] =
      typeof value === 'number' ? { N: String(value) } : typeof value === 'boolean' ? { BOOL: value } : { S: value };
    return placeholder;
  }

  /** A predicate as a filter expression; undefined where every product satisfies it. */
  filter(predicate: Predicate): string | undefined {
    return predicate.kind === 'and' && predicate.parts.length === 0 ? undefined : this.#text(shortLists(predicate));
  }

  /** DynamoDB refuses parentheses around parentheses, so there are none but where OR stands within AND. */
  #text(predicate: Predicate): string {
    switch (predicate.kind) {
      case 'and':
        return predicate.parts
          .map((part) => (part.kind === 'or' ? `(${this.#text(part)})` : this.#text(part)))
          .join(' AND ');
      case 'or':
        // Never true: every product has the table's key.
        if (predicate.parts.length === 0) return `attribute_not_exists(${this.column('id')})`;
        return predicate.parts.map((part) => this.#text(part)).join(' OR ');
      case 'not':
        return `NOT ${this.#test(predicate.part)}`;
      case 'test':
        return this.#test(predicate);
    }
  }

  #test(test: Comparison): string {
    const name = this.column(test.field);
    switch (test.operator) {
      case 'exists':
        return `attribute_${test.value ? '' : 'not_'}exists(${name})`;
      case 'beginsWith':
        return `begins_with(${name}, ${this.value(test.value)})`;
      case 'contains':
        return `contains(${name}, ${this.value(test.value)})`;
      case 'between':
        return `${name} BETWEEN ${this.value(test.value[0])} AND ${this.value(test.value[1])}`;
      case 'in':
        return `${name} IN (${test.value.map((value) => this.value(value)).join(', ')})`;
      default:
        return `${name} ${symbols[test.operator]} ${this.value(test.value)}`;
    }
  }

  /** The placeholders, as parameters of the request; without any, no parameters. */
  get parameters(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Item } {
    return {
      ...(Object.keys(this.names).length > 0 && { ExpressionAttributeNames: this.names }),
      ...(Object.keys(this.values).length > 0 && { ExpressionAttributeValues: this.values }),
    };
  }
}

/** A predicate whose lists have at most 100 values each: DynamoDB's IN takes no more. */
export function shortLists(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'and':
      return and(predicate.parts.map(shortLists));
    case 'or':
      return or(predicate.parts.map(shortLists));
    case 'not':
      return not(shortLists(predicate.part));
    case 'test':
      return predicate.operator === 'in' && predicate.value.length > 100
        ? or(chunks(predicate.value, 100).map((value) => ({ ...predicate, value })))
        : predicate;
  }
}
