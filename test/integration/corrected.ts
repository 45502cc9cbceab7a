import { ScanCommand } from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { Aws } from '../../src/aws/clients.js';
import { Catalogue, type CatalogueSource, defineSchema, StatisticsCounter, toItem } from '../../src/catalogue/index.js';

/** A catalogue with every type of field, and with indexes of one and of two fields. */
export const hats = defineSchema({
  fields: {
    kind: 'string',
    season: 'string',
    year: 'number',
    price: 'number',
    sold: 'boolean',
    since: 'date',
    tags: 'string[]',
  },
  indexes: [['kind'], ['season', 'kind']],
  sort: 'year',
});
export type Hat = NonNullable<typeof hats.product>;

const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#246' } })
  .jpeg()
  .toBuffer();
const seasons = ['Summer', 'Fall', 'Winter', undefined];

/** So many hats; the fourth of each four is of no season. */
export const hatSource = (count: number, change: (hat: Hat) => Hat = (hat) => hat): CatalogueSource<Hat> => ({
  name: 'hats',
  schema: hats,
  async *products() {
    for (let id = 1; id <= count; id++) {
      const season = seasons[id % 4];
      yield change({
        id,
        kind: ['cap', 'beret', 'top#hat'][id % 3] ?? '',
        ...(season !== undefined && { season }),
        year: 2000 + (id % 20),
        price: id / 4,
        sold: id % 2 === 0,
        since: `2024-05-${String(1 + (id % 28)).padStart(2, '0')}`,
        tags: ['new', `tag ${id % 5}`],
      });
    }
  },
  image: async () => image,
});

/** All items of the table, sorted by id, as texts. */
export async function scanned({ dynamodb, table }: Aws): Promise<string[]> {
  const items: Record<string, unknown>[] = [];
  let key: Record<string, unknown> | undefined;
  do {
    const answer: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: Record<string, unknown> } =
      await dynamodb.send(new ScanCommand({ TableName: table, ExclusiveStartKey: key as never, ConsistentRead: true }));
    items.push(...(answer.Items ?? []));
    key = answer.LastEvaluatedKey;
  } while (key);
  return items.map((item) => JSON.stringify(Object.fromEntries(Object.entries(item).sort()))).sort();
}

/** Expects each way to read the catalogue to say the same as a scan: keys, each index, estimates, counted values. */
export async function expectConsistent(aws: Aws): Promise<void> {
  const catalogue = new Catalogue<Hat>(aws, hats);
  const all = await expectCounted(aws);
  // The items have the keys that their fields make, and nothing else.
  expect(await scanned(aws)).toEqual(
    all.map((hat) => JSON.stringify(Object.fromEntries(Object.entries(toItem(hat, hats)).sort()))).sort(),
  );
  const kinds = new Set(all.flatMap(({ kind }) => kind ?? []));
  const seasonsNow = new Set(all.flatMap(({ season }) => season ?? []));
  for (const kind of kinds) {
    for (const season of [undefined, ...seasonsNow]) {
      const found = catalogue.query({ kind, ...(season && { season }) }, { quiet: true });
      const ids = (await found.toArray()).map(({ id }) => id).sort((a, b) => a - b);
      expect(ids).toEqual(
        all
          .filter((hat) => hat.kind === kind && (season === undefined || hat.season === season))
          .map(({ id }) => id)
          .sort((a, b) => a - b),
      );
      expect((await found.plan).estimate?.productsRead).toBe(found.productsRead);
    }
  }
}

/** Expects the statistics to be those of what is in the table, and returns that. */
export async function expectCounted(aws: Aws): Promise<Hat[]> {
  const catalogue = new Catalogue<Hat>(aws, hats);
  const all = await catalogue.query({}).toArray();
  const counter = new StatisticsCounter('hats', hats);
  for (const hat of all) counter.add(hat, toItem(hat, hats));
  const { counted: _, ...statistics } = (await catalogue.statistics()) ?? {};
  expect(statistics).toEqual(counter.result);
  return all;
}
