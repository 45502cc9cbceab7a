import { DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { parseCondition } from '../../src/catalogue/query/condition.js';
import { Plan, plan } from '../../src/catalogue/query/plan.js';
import { read } from '../../src/catalogue/query/read.js';
import { toItem } from '../../src/catalogue/store/items.js';

const scan = new Plan({ access: 'scan' }, parseCondition({}), undefined);

/** A table whose every segment has `pages` pages of one product, and the requests that reach it. */
function tableOf(pages: number) {
  const requests: ScanCommand['input'][] = [];
  const dynamodb = new DynamoDBClient({ region: 'us-east-1' });
  dynamodb.send = async (command: unknown) => {
    if (!(command instanceof ScanCommand)) throw new TypeError('not a scan');
    requests.push(command.input);
    const page = Number(command.input.ExclusiveStartKey?.id?.N ?? 0) + 1;
    const id = (command.input.Segment ?? 0) * 100 + page;
    return {
      Items: [toItem({ id })],
      ScannedCount: 1,
      ConsumedCapacity: { CapacityUnits: 0.5 },
      ...(page < pages && { LastEvaluatedKey: { id: { N: String(page) } } }),
    };
  };
  return { aws: { dynamodb, table: 'products' }, requests };
}

describe('a scan', () => {
  it('reads eight segments side by side, each to its end', async () => {
    const { aws, requests } = tableOf(3);
    const ids: number[] = [];
    for await (const { products } of read(aws, scan)) ids.push(...products.map(({ id }) => id));
    expect(new Set(requests.slice(0, 8).map(({ Segment }) => Segment)).size).toBe(8);
    expect(requests.every(({ TotalSegments }) => TotalSegments === 8)).toBe(true);
    expect(ids.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 24 }, (_, i) => Math.floor(i / 3) * 100 + (i % 3) + 1),
    );
  });

  it('that has to keep an order reads one page after the other, and no further than it is asked', async () => {
    const { aws, requests } = tableOf(30);
    for await (const { products } of read(aws, scan, { ordered: true })) if (products[0]?.id === 5) break;
    expect(requests.map(({ Segment }) => Segment)).toEqual(Array(5).fill(undefined));
  });

  it('left early asks for no more than what was under way', async () => {
    const { aws, requests } = tableOf(1000);
    for await (const _page of read(aws, scan)) break;
    await new Promise(setImmediate);
    expect(requests.length).toBeLessThanOrEqual(9);
  });
});

const shoe = (id: number, subCategory: string): Product => ({ id, subCategory, usage: 'Sports' });

describe('an index', () => {
  it('that has an item which no longer belongs there is not believed, whichever fields are asked for', async () => {
    const found = plan({ subCategory: 'Shoes', usage: 'Sports' });
    const projections: (string | undefined)[] = [];
    const dynamodb = new DynamoDBClient({ region: 'us-east-1' });
    dynamodb.send = async (command: unknown) => {
      if (!(command instanceof QueryCommand)) throw new TypeError('not a query');
      projections.push(command.input.ProjectionExpression);
      return {
        Items: ['Shoes', 'Bags'].map((subCategory, id) => toItem(shoe(id + 1, subCategory))),
      };
    };
    for (const fields of [undefined, ['usage']]) {
      const products: unknown[] = [];
      for await (const page of read({ dynamodb, table: 'products' }, found, { fields }))
        products.push(...page.products);
      expect(products).toEqual([{ id: 1, ...(!fields && { subCategory: 'Shoes' }), usage: 'Sports' }]);
    }
    expect(projections).toEqual([undefined, '#id, #usage, #subCategory']);
  });
});
