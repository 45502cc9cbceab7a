import { z } from 'zod';

/**
 * An index of a table that another system made.
 *
 * @example
 * const byBrand: TableIndex = { name: 'brand-price', partition: 'brand', sort: 'price', projected: 'all' };
 * const layout: Layout = { key: { partition: 'sku', sort: 'size' }, indexes: [byBrand] };
 */
export interface TableIndex {
  readonly name: string;
  /** The field of its partition key: a text or a number. */
  readonly partition: string;
  /** The field of its sort key: a text, a number or a date. */
  readonly sort?: string | undefined;
  /** The fields that it has beside its own key and the table's: all of them, or these. */
  readonly projected: 'all' | readonly string[];
}

/**
 * How a table that another system made keeps its products, in names of the schema's fields. `describeTable` finds it.
 *
 * @example
 * const layout: Layout = { key: { partition: 'sku', sort: 'size' }, indexes: [], image: 'photo' };
 * const shop = defineSchema({ id: 'string', fields: { sku: 'string', size: 'string', photo: 'string' }, layout });
 * const { catalogue } = await connect({ table: 'Shop', schema: shop });
 */
export interface Layout {
  /**
   * The fields of the table's key. Of a partition key alone, its value is the id (it may be `id` itself, which is no
   * field); with a sort key, both are, as `JK-0815/a`.
   */
  readonly key: { readonly partition: string; readonly sort?: string | undefined };
  readonly indexes: readonly TableIndex[];
  /** The field that says where a product's image is: a key, `s3://bucket/key` or an address. */
  readonly image?: string | undefined;
  /** The attributes of fields that are called otherwise, since their names mean something else: `{ id_: 'id' }`. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** The shape of a layout in JSON. */
export const layoutShape = z.strictObject({
  key: z.strictObject({ partition: z.string(), sort: z.string().optional() }),
  indexes: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        partition: z.string(),
        sort: z.string().optional(),
        projected: z.union([z.literal('all'), z.array(z.string()).readonly()]).default('all'),
      }),
    )
    .readonly()
    .default([]),
  image: z.string().optional(),
  attributes: z.record(z.string(), z.string().min(1)).optional(),
});

/** The types of fields, as far as a layout is about them; `id` and `imagePath` are columns, but no fields. */
type Types = Readonly<Record<string, string>>;

/** What contradicts itself in a layout, in a sentence; undefined where nothing does. */
export function layoutFault(
  { key, indexes, image, attributes = {} }: Layout,
  fields: Types,
  id: string,
): string | undefined {
  const types: Types = { ...fields, ...(key.partition === 'id' && { id }) };
  const wrong = (what: string, field: string | undefined, allowed: readonly string[]): string | undefined => {
    if (field === undefined) return undefined;
    const type = Object.hasOwn(types, field) ? types[field] : undefined;
    if (type === undefined) return `${what} is '${field}', which is not a field`;
    return allowed.includes(type)
      ? undefined
      : `${what} is '${field}' of the type ${type}; it may be ${allowed.join(' or ')}`;
  };
  const partitions = ['string', 'number'];
  const sorts = [...partitions, 'date'];
  const known = [...Object.keys(types), 'imagePath'];
  const faults = [
    wrong('The partition key', key.partition, partitions),
    wrong('The sort key', key.sort, sorts),
    key.sort !== undefined && id !== 'string'
      ? "A key of two fields makes ids that are texts: id: 'string'"
      : undefined,
    id !== 'string' && types[key.partition] === 'string'
      ? "A key that is a text makes ids that are: id: 'string'"
      : undefined,
    ...indexes.flatMap(({ name, partition, sort, projected }) => [
      wrong(`The partition key of the index ${name}`, partition, partitions),
      wrong(`The sort key of the index ${name}`, sort, sorts),
      ...(projected === 'all' ? [] : projected)
        .filter((field) => !known.includes(field))
        .map((field) => `The index ${name} has '${field}', which is not a field`),
    ]),
    image === 'imagePath' ? undefined : wrong('The image', image, ['string']),
    ...Object.keys(attributes)
      .filter((field) => !Object.hasOwn(fields, field))
      .map((field) => `The attribute of '${field}' is given, which is not a field`),
  ];
  return faults.find((fault) => fault !== undefined);
}
