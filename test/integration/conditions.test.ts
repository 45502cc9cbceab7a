import { isDeepStrictEqual } from 'node:util';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { ensureBucket } from '../../src/aws/index.js';
import {
  Catalogue,
  type Condition,
  defineSchema,
  ensureTable,
  fieldValue,
  type Plan,
  StatisticsCounter,
  type Test,
  toItem,
  writeStatistics,
} from '../../src/catalogue/index.js';
import { chunks, concurrently } from '../../src/work/index.js';
import { randomFrom } from '../../src/work/random.js';
import { uniqueName } from '../server.js';

const schema = defineSchema({
  fields: { species: 'string', site: 'string', note: 'string', height: 'number', weight: 'number' },
  indexes: [['site', 'species'], ['species']],
  sort: 'height',
});
type Leaf = NonNullable<typeof schema.product>;

const own = { table: uniqueName('conditions'), bucket: uniqueName('conditions') };
const aws = clients({ ...own, env: inject('env') });
const catalogue = new Catalogue<Leaf>(aws, schema);
const random = randomFrom(7, 'conditions');
const below = (n: number) => Math.floor(random() * n);
const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;

const texts = {
  species: ['oak', 'elm', 'birch', 'Birke', 'frêne', '樫', 'oak#', '🌳', 'ｏａｋ', 'zelkova'],
  site: ['north', 'north-east', 'n%23', 'Süd', 'süd', '(OR'],
  note: ['', 'a', 'ab', 'abc', 'ABC', 'a b', ':v0', '#note', 'null', 'é', 'é', 'x'.repeat(300)],
};
const numbers = { height: [0, 1, 2, 7, 40, 41, 2013, 9999], weight: [-1.5, 0, 0.1, 0.3, 1e-9, 12.25, 3e20, 1e100] };
const fields = ['species', 'site', 'note', 'height', 'weight'] as const;

/** 300 leaves, of which many lack a field. */
const leaves = Array.from({ length: 300 }, (_, i): Leaf => {
  const leaf: Record<string, string | number> = { id: i + 1 };
  for (const field of fields) {
    const values: readonly (string | number)[] = field in texts ? texts[field as 'note'] : numbers[field as 'height'];
    const value = one(values);
    if (value !== '' && random() > 0.15) leaf[field] = value;
  }
  return leaf as unknown as Leaf;
});

beforeAll(async () => {
  await ensureBucket(aws);
  await ensureTable(aws, schema);
  const statistics = new StatisticsCounter('test', schema);
  const items = leaves.map((leaf) => toItem(leaf, schema));
  for (const [i, leaf] of leaves.entries()) statistics.add(leaf, items[i] ?? {});
  for (const some of chunks(items, 25))
    await aws.dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [own.table]: some.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  await writeStatistics(aws, statistics.result);
});
afterAll(() => aws.close());

/** What a condition means, by its documentation alone. */
function satisfies(leaf: Leaf, condition: Condition<Leaf>): boolean {
  return Object.entries(condition).every(([name, wanted]) => {
    if (name === 'and') return (wanted as Condition<Leaf>[]).every((part) => satisfies(leaf, part));
    if (name === 'or') return (wanted as Condition<Leaf>[]).some((part) => satisfies(leaf, part));
    if (name === 'not') return !satisfies(leaf, wanted as Condition<Leaf>);
    const value = fieldValue(leaf, name);
    const test: Test = typeof wanted === 'object' ? (wanted as Test) : { eq: wanted as string };
    return Object.entries(test).every(([operator, operand]) => {
      if (operator === 'exists') return (value !== undefined) === operand;
      if (value === undefined) return false;
      const order = (other: string | number) =>
        typeof value === 'number'
          ? value - Number(other)
          : Buffer.from(String(value)).compare(Buffer.from(String(other)));
      if (operator === 'eq') return value === operand;
      if (operator === 'in') return (operand as unknown[]).includes(value);
      if (operator === 'gt') return order(operand) > 0;
      if (operator === 'gte') return order(operand) >= 0;
      if (operator === 'lt') return order(operand) < 0;
      if (operator === 'lte') return order(operand) <= 0;
      if (operator === 'beginsWith') return String(value).startsWith(operand);
      return order(operand[0]) >= 0 && order(operand[1]) <= 0;
    });
  });
}

/** A value of a field: mostly one that leaves have, at times one that none can have. */
function anyValue(field: (typeof fields)[number] | 'id'): string | number {
  if (field === 'id') return 1 + below(320);
  if (field === 'height') return one([...numbers.height, -3, 12.5, 1e5]);
  if (field === 'weight') return one([...numbers.weight, 1e-200, -1e300, Number.MAX_VALUE]);
  return one([...texts[field].filter(Boolean), 'y'.repeat(3000)]);
}

function listOf(field: (typeof fields)[number] | 'id', length: number): (string | number)[] {
  return Array.from({ length }, (_, i) => {
    const value = anyValue(field);
    if (i % 3 === 0 && String(value).length < 100) return value;
    return field in texts ? `${field} ${i}` : 1000 + i;
  });
}

function randomTest(): Condition<Leaf> {
  const field = one([...fields, 'id'] as const);
  const value = anyValue(field);
  const range = [value, anyValue(field)].sort((a, b) =>
    typeof a === 'number' ? a - Number(b) : Buffer.from(a).compare(Buffer.from(String(b))),
  );
  const kinds: unknown[] = [
    value,
    value,
    { gt: value },
    { gte: range[0], lt: range[1] },
    { lte: value },
    { between: range },
    { exists: random() < 0.5 },
    { in: listOf(field, 1 + below(6)) },
    { in: listOf(field, one([99, 101, 250, 700, 2000])) },
    field in texts ? { beginsWith: String(value).slice(0, 1 + below(2)) } : { eq: value },
  ];
  // No half of a surrogate pair.
  const test = JSON.parse(JSON.stringify({ [field]: one(kinds) }).replace(/\\ud[89a-f]../g, ''));
  return JSON.stringify(test).includes('""') ? { id: 1 } : test;
}

function randomCondition(depth: number): Condition<Leaf> {
  if (depth === 0) return randomTest();
  const parts = Array.from({ length: 1 + below(3) }, () => randomCondition(below(Math.min(depth, 2))));
  parts[below(parts.length)] = randomCondition(depth - 1);
  const kind = random();
  if (kind < 0.35) return { or: parts };
  if (kind < 0.6) return { and: parts };
  if (kind < 0.8) return { not: parts[0] ?? {}, ...randomTest() };
  if (kind < 0.9) return { site: one(texts.site), species: { in: ['oak', one(texts.species)] }, weight: { lt: 10 } };
  return { ...randomTest(), or: parts };
}

const ids = (products: readonly { id: number }[]) => products.map(({ id }) => id).sort((a, b) => a - b);
const expected = (condition: Condition<Leaf>) => ids(leaves.filter((leaf) => satisfies(leaf, condition)));

describe('a condition gives what its documentation says', () => {
  it('whatever it is made of and however deep: 200 at random', { timeout: 240_000 }, async () => {
    const accesses = new Map<string, number>();
    let filteredHere = 0;
    let some = 0;
    const conditions = Array.from({ length: 200 }, (_, n) => randomCondition(n % 13));
    await concurrently(
      conditions,
      async (condition, n) => {
        const found = catalogue.query(condition, n % 3 === 0 ? { fields: ['id', 'note'] } : {});
        const products = (await found.toArray()).sort((a, b) => a.id - b.id);
        const wanted = leaves.filter((leaf) => satisfies(leaf, condition));
        expect(ids(products), `${n}: ${JSON.stringify(condition).slice(0, 500)}`).toEqual(ids(wanted));
        const whole =
          n % 3 === 0 ? wanted.map(({ id, note }) => ({ id, ...(note !== undefined && { note }) })) : wanted;
        expect(isDeepStrictEqual(products, whole)).toBe(true);
        const plan: Plan = await found.plan;
        accesses.set(plan.access, (accesses.get(plan.access) ?? 0) + 1);
        if (String(plan).includes('filtered here')) filteredHere++;
        if (products.length > 0 && products.length < leaves.length) some++;
      },
      { concurrency: 4 },
    );
    // The conditions are worth something: each way to read is taken, and most are neither all nor nothing.
    expect([...accesses.keys()].sort()).toEqual(['index bySiteSpecies', 'index bySpecies', 'scan', 'table key']);
    expect(filteredHere).toBeGreaterThan(20);
    expect(some).toBeGreaterThan(100);
  });

  const many = (length: number) => Array.from({ length }, (_, i) => i + 1);
  const deep = (levels: number): Condition<Leaf> =>
    many(levels).reduce<Condition<Leaf>>((inner, i) => ({ [i % 2 ? 'or' : 'and']: [{ weight: { gte: -i } }, inner] }), {
      species: 'oak',
    });
  it.each<[string, Condition<Leaf>]>([
    ['all but 200 suspects and 500 of old', { not: { id: { in: [...many(200), ...many(500).map((n) => n + 9000)] } } }],
    ['all of them but those of 10,000 ids', { not: { id: { in: many(10_000).map((n) => n + 150) } } }],
    ['those of 10,000 ids', { id: { in: many(10_000).map((n) => n + 150) } }],
    ['600 values of a field', { note: { in: ['abc', ...many(600).map((n) => `note ${n}`)] } }],
    ['all but 600 values of a field', { not: { note: { in: ['abc', ...many(600).map((n) => `note ${n}`)] } } }],
    ['one of 120 pairs', { or: many(120).map((n) => ({ height: n, site: one(texts.site) })) }],
    ['5,000 tests', { and: many(5000).map((n) => ({ height: { lt: 20_000 + n } })) }],
    ['one level within another, 99 times', deep(98)],
    ['a list of one, and a list of one within it', { or: [{ and: [{ or: [{ species: { in: ['oak'] } }] }] }] }],
  ])('%s, without delay', async (_what, condition) => {
    const started = performance.now();
    const products = await catalogue.query(condition).toArray();
    // Less than a second where nothing else runs.
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(ids(products)).toEqual(expected(condition));
  });

  it.each<[string, Condition<Leaf>, string]>([
    ['a thousand levels', deep(1000), 'condition.tooDeep'],
    ['a megabyte', { not: { note: { in: many(50_000).map((n) => `not the note ${n}`) } } }, 'condition.tooLong'],
  ])('%s are refused at once', (_what, condition, code) => {
    const started = performance.now();
    expect(() => catalogue.query(condition)).toThrowError(expect.objectContaining({ code }));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
