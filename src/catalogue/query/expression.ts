import { chunks } from '../../work/index.js';
import type { Item } from '../store/items.js';
import type { Comparison, Predicate } from './condition.js';

const symbols = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Collects the names and values of a request's expressions, each behind a placeholder: field names such as `year` are
 * reserved words of DynamoDB, and values are never spliced into text.
 */
export class Expressions {
  readonly names: Record<string, string> = {};
  readonly values: Item = {};

  name(attribute: string): string {
    this.names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  value(value: string | number): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = typeof value === 'number' ? { N: String(value) } : { S: value };
    return placeholder;
  }

  /** A predicate as a filter expression; undefined where it holds for every product. */
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
        // What never holds: id is the table's key, so every product has one.
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
        // IN takes at most 100 operands.
        const lists = chunks(test.value, 100).map(
          (values) => `${name} IN (${values.map((value) => this.value(value)).join(', ')})`,
        );
        return `(${lists.join(' OR ')})`;
      }
      default:
        return `${name} ${symbols[test.operator]} ${this.value(test.value)}`;
    }
  }

  /** What a request takes; nothing where there is nothing. */
  get parameters(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Item } {
    return {
      ...(Object.keys(this.names).length > 0 && { ExpressionAttributeNames: this.names }),
      ...(Object.keys(this.values).length > 0 && { ExpressionAttributeValues: this.values }),
    };
  }
}
