import { type AnyAttribute, type FieldType, kindOf } from '../field-types/index.js';
import type { Sample } from './sample.js';

/** A field that the items of a table have. */
export interface FoundField {
  /** The name of the attribute. */
  attribute: string;
  type: FieldType;
  /** How many of the items have a value of this type. */
  items: number;
  /** How many have another kind of value, which is left out. */
  otherKinds: number;
  /** Some of its values. */
  examples: readonly string[];
  /** How many of its values look like the place of an image. */
  images: number;
}

/** An attribute whose values no type of fields fits. */
export interface LeftOut {
  attribute: string;
  /** What its values are, in words: `a map`. */
  kind: string;
  items: number;
}

/** What the items of a sample have, the most frequent first. */
export interface Found {
  fields: FoundField[];
  leftOut: LeftOut[];
}

const imageName = /\.(?:jpe?g|png|webp|avif|gif|tiff?|bmp)(?:[?#].*)?$/i;
const mostExamples = 3;

/** Those types of fields whose values an attribute has, a text last as every date is one; undefined for none. */
function typeOf(attribute: AnyAttribute): FieldType | undefined {
  const types = ['number', 'boolean', 'string[]', 'date', 'string'] as const;
  return types.find((type) => kindOf(type).ofAttribute(attribute) !== undefined);
}

const isNone = ({ S, NULL, L }: AnyAttribute): boolean => S === '' || NULL === true || L?.length === 0;

const kinds = { M: 'a map', B: 'bytes', NS: 'a set of numbers', BS: 'a set of bytes', L: 'a list of other values' };
const kindInWords = (attribute: AnyAttribute): string =>
  Object.entries(kinds).find(([kind]) => kind in attribute)?.[1] ??
  ('N' in attribute ? 'a number of more digits than are kept' : 'of another kind');

class Attribute {
  readonly types = new Map<FieldType, number>();
  readonly others = new Map<string, number>();
  readonly examples = new Set<string>();
  images = 0;

  add(value: AnyAttribute): void {
    const type = typeOf(value);
    if (type === undefined) {
      const kind = kindInWords(value);
      this.others.set(kind, (this.others.get(kind) ?? 0) + 1);
      return;
    }
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
    const text = value.S ?? value.N ?? value.SS?.join(', ') ?? value.L?.map(({ S }) => S).join(', ') ?? value.BOOL;
    if (this.examples.size < mostExamples) this.examples.add(String(text));
    if (value.S !== undefined && imageName.test(value.S)) this.images++;
  }

  /** The type of most values. Where some texts are no dates, none is. */
  get type(): FieldType | undefined {
    const { types } = this;
    if (types.has('string') && types.has('date')) {
      types.set('string', (types.get('string') ?? 0) + (types.get('date') ?? 0));
      types.delete('date');
    }
    return [...types].sort(([, a], [, b]) => b - a)[0]?.[0];
  }
}

/** Finds the fields of a table in a sample of its items. */
export function fieldsIn({ items }: Pick<Sample, 'items'>): Found {
  const attributes = new Map<string, Attribute>();
  for (const item of items)
    for (const [name, value] of Object.entries(item)) {
      if (isNone(value)) continue;
      const attribute = attributes.get(name) ?? new Attribute();
      attributes.set(name, attribute);
      attribute.add(value);
    }
  const found: Found = { fields: [], leftOut: [] };
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  for (const [attribute, { type, types, others, examples, images }] of attributes) {
    const ofType = type === undefined ? 0 : (types.get(type) ?? 0);
    const all = sum(types.values()) + sum(others.values());
    if (type === undefined) {
      const [kind = ''] = [...others].sort(([, a], [, b]) => b - a)[0] ?? [];
      found.leftOut.push({ attribute, kind, items: all });
    } else {
      const otherKinds = all - ofType;
      found.fields.push({ attribute, type, items: ofType, otherKinds, examples: [...examples], images });
    }
  }
  const byName = (a: { attribute: string }, b: { attribute: string }) => (a.attribute < b.attribute ? -1 : 1);
  found.fields.sort((a, b) => b.items - a.items || byName(a, b));
  found.leftOut.sort((a, b) => b.items - a.items || byName(a, b));
  return found;
}

/**
 * The attribute that says where the image is: of those whose texts mostly look like it, the one that more items have,
 * or that is called so.
 */
export function imageIn({ fields }: Found): string | undefined {
  const candidates = fields.filter(({ type, items, images }) => type === 'string' && images > items / 2);
  const named = ({ attribute }: FoundField) => (/image|img|photo|picture|bild|foto/i.test(attribute) ? 1 : 0);
  return candidates.sort((a, b) => named(b) - named(a) || b.items - a.items)[0]?.attribute;
}
