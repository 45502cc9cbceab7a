import { chunks } from '../../work/index.js';
import type { Item } from '../store/items.js';
import type { Comparison, Predicate } from './condition.js';

const symbols = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Builds the expressions of a request, with a placeholder for each name and value: field names such as `year` are
 * reserved words of DynamoDB, and values must not be part of the text.
 */
export class Expressions {
  readonly names: Record<string, string> = {};
  readonly values: Item = {};

  /** The placeholder of an attribute. */
  name(attribute: string): string {
    this.names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  /** The placeholder of a value. */
  value(value: string | number): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = typeof value === 'number' ? { N: String(value) } : { S: value };
    return placeholder;
  }

  /** A predicate as a filter expression; undefined where every product satisfies it. */
  filter(predicate: Predicate): string | undefined {
    switch (predicate.kind) {
      case 'and':
      case 'or': {
        if (predicate.parts.length === 0) return undefined;
        const parts = predicate.parts.map((part) => this.filter(part));
        if (predicate.kind === 'or' && parts.includes(undefined)) return undefined;
        const texts = parts.filter((part) => part !== undefined);
        return texts.length === 0 ? undefined : `(${texts.join(predicate.kind === 'and' ? ' AND ' : ' OR ')})`;
      }
      case 'not': {
        // Never true: id is the table's key, so every product has it.
        const part = this.filter(predicate.part);
        return part === undefined ? `attribute_not_exists(${this.name('id')})` : `(NOT ${part})`;
      }
      case 'test':
        return this.#test(predicate);
    }
  }

  #test(test: Comparison): string {
    const name = this.name(test.field);
    switch (test.operator) {
      case 'exists':
        return `attribute_${test.value ? '' : 'not_'}exists(${name})`;
      case 'beginsWith':
        return `begins_with(${name}, ${this.value(test.value)})`;
      case 'between':
        return `(${name} BETWEEN ${this.value(test.value[0])} AND ${this.value(test.value[1])})`;
      case 'in': {
        // IN has at most 100 operands.
        const lists = chunks(test.value, 100).map(
          (values) => `${name} IN (${values.map((value) => this.value(value)).join(', ')})`,
        );
        return `(${lists.join(' OR ')})`;
      }
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
