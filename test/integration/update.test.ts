import { inspect } from 'node:util';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Aws, type AwsClient, clients } from '../../src/aws/clients.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { openDataset } from '../../src/dataset/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { uniqueName } from '../server.js';
import { expectConsistent, expectCounted, type Hat, hatSource, hats, scanned } from './corrected.js';

const aws = clients({ env: inject('env'), table: uniqueName('hats'), bucket: uniqueName('hats') });
const catalogue = new Catalogue<Hat>(aws, hats);
const get = async (id: number) => (await catalogue.query({ id }).toArray())[0];

beforeAll(async () => {
  await seedCatalogue(aws, hatSource(120));
});
afterAll(() => aws.close());

/** Clients that answer so many calls and do what the next ones ask, but are not heard: of a process that is killed. */
function stoppingAfter(calls: number, { table, bucket } = aws): Aws {
  const healthy = clients({ env: inject('env'), table, bucket });
  let left = calls;
  const stopping = (client: AwsClient): AwsClient => ({
    ...client,
    send: async (command, options) => {
      // What is under way when a process ends may be done or not.
      if (left-- > -3) {
        const answer = await client.send(command, options);
        if (left >= 0) return answer;
      }
      throw new Error('killed');
    },
    destroy: () => client.destroy(),
  });
  return { ...healthy, dynamodb: stopping(healthy.dynamodb), s3: stopping(healthy.s3) };
}

describe('catalogue.update', () => {
  it(
    'changes what is as it was seen, with the keys of indexes and the statistics, and undo gives the same table ' +
      'back',
    async () => {
      const before = await scanned(aws);
      const statistics = await catalogue.statistics();
      const result = await catalogue.update(
        [
          { id: 1, season: 'Winter', was: { season: 'Fall' } },
          { id: 2, kind: 'fez', year: 1999, was: { kind: 'top#hat', year: 2002 } },
          { id: 3, season: 'Summer', was: { season: undefined } },
          { id: 4, season: null, price: null, was: { season: 'Summer', price: 1 } },
          {
            id: 5,
            tags: ['old'],
            sold: true,
            since: '2024-06-01',
            was: { tags: ['new', 'tag 0'], sold: false, since: '2024-05-06' },
          },
          { id: 6, season: 'Winter', was: { season: 'Winter', year: 2006 } },
          { id: 7, season: 'Fall', was: { season: 'Summer' } },
          { id: 999, season: 'Fall', was: { season: null } },
        ],
        { reason: 'looked at it', by: 'tester' },
      );
      expect(result).toMatchObject({
        changed: 5,
        unchanged: 1,
        conflicts: [{ id: 7, was: { season: 'Summer' }, wanted: { season: 'Fall' }, now: { season: null } }],
        failed: [{ id: 999, code: 'change.unknownId' }],
      });
      expect(inspect(result)).toMatch(
        new RegExp(
          '^5 changed, 1 unchanged, 1 conflict, 1 failed \\(change set \\w+-\\w+\\)\nconflict: 7: ' +
            'season is none, not Summer \\(to be Fall\\)\nfailed: The catalogue has no product 999\\.$',
        ),
      );
      expect(await get(2)).toMatchObject({ kind: 'fez', year: 1999 });
      expect(await get(4)).not.toHaveProperty('season');
      expect(await get(5)).toMatchObject({ tags: ['old'], sold: true, since: '2024-06-01' });
      await expectConsistent(aws);
      const [changeSet] = await catalogue.changes();
      expect(changeSet).toMatchObject({
        id: result.changeSet,
        reason: 'looked at it',
        by: 'tester',
        done: true,
        left: 0,
      });
      expect(changeSet?.changes).toContainEqual({ id: 3, before: { season: null }, after: { season: 'Summer' } });

      const undone = await catalogue.undo(result.changeSet ?? '');
      expect(undone).toMatchObject({ changed: 5, unchanged: 0, conflicts: [], failed: [] });
      expect(await scanned(aws)).toEqual(before);
      expect({ ...(await catalogue.statistics()), counted: undefined }).toEqual({ ...statistics, counted: undefined });
      expect(String((await catalogue.changes())[1])).toContain(`(undone by ${result.changeSet}-undo)`);
      await expect(catalogue.undo(result.changeSet ?? '')).rejects.toMatchObject({
        code: 'changes.undone',
        message: expect.stringContaining(String(result.changeSet)),
      });
      // What undoes can be undone.
      expect(await catalogue.undo(undone.changeSet ?? '')).toMatchObject({ changed: 5, conflicts: [] });
      expect(await get(1)).toMatchObject({ season: 'Winter' });
    },
  );

  it('with dryRun says what would be changed, and writes nothing', async () => {
    const [before, sets] = [await scanned(aws), (await catalogue.changes()).length];
    const result = await catalogue.update([{ id: 11, season: 'Winter', was: { season: null } }], { dryRun: true });
    expect(String(result)).toBe('1 would be changed, 0 unchanged, 0 conflicts, 0 failed');
    expect(await scanned(aws)).toEqual(before);
    expect(await catalogue.changes()).toHaveLength(sets);
  });

  it('with force replaces what was not said, and says so; undo knows what was there', async () => {
    const { changeSet = '' } = await catalogue.update([{ id: 13, season: 'Winter', kind: null }], { force: true });
    expect(await get(13)).toMatchObject({ season: 'Winter' });
    expect((await catalogue.changes())[0]).toMatchObject({
      forced: true,
      changes: [{ id: 13, before: { season: 'Fall', kind: 'beret' }, after: { season: 'Winter', kind: null } }],
    });
    await catalogue.undo(changeSet);
    expect(await get(13)).toMatchObject({ season: 'Fall', kind: 'beret' });
  });

  it('a value of another kind, put there by another program, is a conflict and stays', async () => {
    await aws.dynamodb.send(
      new UpdateItemCommand({
        TableName: aws.table,
        Key: { id: { N: '19' } },
        UpdateExpression: 'SET price = :v',
        ExpressionAttributeValues: { ':v': { S: 'dear' } },
      }),
    );
    const change = { id: 19, price: 3, was: { price: null } };
    expect(await catalogue.update([change])).toMatchObject({
      changed: 0,
      conflicts: [{ id: 19 }],
      changeSet: undefined,
    });
    await aws.dynamodb.send(
      new UpdateItemCommand({
        TableName: aws.table,
        Key: { id: { N: '19' } },
        UpdateExpression: 'SET price = :v',
        ExpressionAttributeValues: { ':v': { N: '4.75' } },
      }),
    );
  });

  it('of many at once, by two people, nothing is lost, and statistics are right', async () => {
    const other = clients({ env: inject('env'), table: aws.table, bucket: aws.bucket });
    const second = new Catalogue<Hat>(other, hats);
    const all = await catalogue.query({}).toArray();
    const rows = all.filter(({ id }) => id > 20);
    // Both fields are in one key: whoever is second makes it of what the first has written.
    const [a, b, c] = await Promise.all([
      catalogue.update(rows.map(({ id, season }) => ({ id, season: 'Spring', was: { season: season ?? null } }))),
      second.update(rows.map(({ id, kind }) => ({ id, kind: 'bonnet', was: { kind: kind ?? null } }))),
      second.update(rows.map(({ id, price }) => ({ id, price: (price ?? 0) + 1, was: { price: price ?? null } }))),
    ]);
    for (const { changed, conflicts } of [a, b, c])
      expect({ changed, conflicts }).toEqual({ changed: 100, conflicts: [] });
    await expectConsistent(aws);
    // Of two who want different values for the same, each product has the one or the other, and somebody knows.
    const [d, e] = await Promise.all(
      [catalogue, second].map((one, i) =>
        one.update(rows.map(({ id }) => ({ id, season: ['Dry', 'Wet'][i] ?? '', was: { season: 'Spring' } }))),
      ),
    );
    expect((d?.changed ?? 0) + (e?.changed ?? 0)).toBe(100);
    expect((d?.conflicts.length ?? 0) + (e?.conflicts.length ?? 0)).toBe(100);
    await expectConsistent(aws);
    other.close();
  });

  it('that was stopped at any moment is completed by the same call, to the same end', async () => {
    const rows = (await catalogue.query({}).toArray()).filter(({ id }) => id <= 15);
    const round = (n: number) => rows.map(({ id, kind }) => ({ id, kind: `kind ${n}`, was: { kind: kind ?? null } }));
    const back = (n: number) => rows.map(({ id, kind }) => ({ id, kind: kind ?? null, was: { kind: `kind ${n}` } }));
    const before = await scanned(aws);
    let stopped = 0;
    for (let calls = 0; calls < 40; calls += calls < 6 || calls > 20 ? 1 : 4) {
      const dying = new Catalogue<Hat>(stoppingAfter(calls), hats);
      const first = await dying.update(round(calls)).catch(() => undefined);
      if (!first) stopped++;
      const again = await catalogue.update(round(calls));
      expect({ ...again, changeSet: '' }).toMatchObject({ conflicts: [], failed: [] });
      expect(again.changed + again.unchanged).toBe(15);
      expect((await catalogue.changes()).filter(({ done }) => !done)).toEqual([]);
      await expectCounted(aws);
      if (first) break;
      await catalogue.update(back(calls));
    }
    expect(stopped).toBeGreaterThan(9);
    const [last] = await catalogue.changes();
    await catalogue.undo(last ?? '');
    expect(await scanned(aws)).toEqual(before);
    await expectConsistent(aws);
  });

  it('that was stopped is shown with the remedy, and undo takes all of it back', async () => {
    const before = await scanned(aws);
    const changes = [1, 2, 3, 5].map((id) => ({ id, price: 77, was: {} }));
    const dying = new Catalogue<Hat>(stoppingAfter(6), hats);
    await expect(dying.update(changes, { force: true })).rejects.toThrow('killed');
    const [unfinished] = await catalogue.changes();
    expect(String(unfinished)).toContain('unfinished: run the same update again');
    expect(await catalogue.undo(unfinished ?? '')).toMatchObject({ changed: 4, conflicts: [] });
    expect(await scanned(aws)).toEqual(before);
    await expectConsistent(aws);
  });

  it.each([
    ['an unknown field', [{ id: 1, saeson: 'Fall' }], 'change.unknownField', "Did you mean 'season'?"],
    ['the id', [{ id: 1, was: { id: 2 } }], 'change.fixedField', 'id'],
    ['the place of the image', [{ id: 1, imagePath: 's3://x/y' }], 'change.fixedField', 'imagePath'],
    ['a value of the wrong type', [{ id: 1, year: '2012', was: { year: 2001 } }], 'change.badValue', 'a number'],
    ['a number too large', [{ id: 1, price: 1e200, was: { price: 1 } }], 'change.badValue', 'DynamoDB'],
    ['an empty text', [{ id: 1, season: '', was: { season: 'Fall' } }], 'change.badValue', 'null for none'],
    ['a change without what was seen', [{ id: 1, season: 'Fall' }], 'change.noWas', 'force: true'],
    [
      'two changes of one value',
      [
        { id: 1, year: 1, was: { year: 2 } },
        { id: 1, year: 3, was: { year: 2 } },
      ],
      'change.twice',
      'year of 1',
    ],
    ['no change', [{ id: 1 }], 'change.malformed', 'no new value'],
    ['an id of another type', [{ id: '1', year: 1, was: { year: 2 } }], 'source.badId', 'of the type number'],
    ['no list', { id: 1 }, 'change.malformed', 'give a list'],
  ])('refuses %s before anything is changed', async (_, changes, code, message) => {
    const before = (await catalogue.changes()).length;
    await expect(catalogue.update(changes as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(await catalogue.changes()).toHaveLength(before);
  });

  it('a product that is removed meanwhile does not come back', async () => {
    const { dynamodb, table } = aws;
    const item = { id: { N: '1000' }, season: { S: 'Fall' } };
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
    const other = clients({ env: inject('env'), table: aws.table, bucket: aws.bucket });
    const removing: AwsClient = {
      ...other.dynamodb,
      send: async (command, options) => {
        if (command.constructor.name === 'UpdateItemCommand')
          await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { id: item.id } }));
        return other.dynamodb.send(command, options);
      },
    };
    const second = new Catalogue<Hat>({ ...other, dynamodb: removing }, hats);
    expect(await second.update([{ id: 1000, season: 'Dry', was: { season: 'Fall' } }])).toMatchObject({
      changed: 0,
      failed: [{ id: 1000, code: 'change.unknownId' }],
    });
    other.close();
  });
});

it('what another program changed is not taken for what it was, and check finds and mends what is stale', async () => {
  const { id = 0 } = (await catalogue.query({ season: 'Fall', kind: 'cap' }).toArray())[0] ?? {};
  await aws.dynamodb.send(
    new UpdateItemCommand({
      TableName: aws.table,
      Key: { id: { N: String(id) } },
      UpdateExpression: 'SET season = :season, #year = :year',
      ExpressionAttributeNames: { '#year': 'year' },
      ExpressionAttributeValues: { ':season': { S: 'Winter' }, ':year': { N: '1900' } },
    }),
  );
  const ids = async (season: string) => (await catalogue.query({ season, kind: 'cap' }).toArray()).map((hat) => hat.id);
  // The index still has it as one of Fall.
  expect(await ids('Fall')).not.toContain(id);
  const found = await catalogue.check();
  expect(found).toMatchObject({ keys: [id], statistics: ['bytes', 'values', 'byKind', 'bySeasonKind'] });
  expect(String(found)).toMatch(/1 product with stale index keys \(\d+\); stale statistics .* Mend them: await/);
  expect(await catalogue.check({ repair: true })).toMatchObject({ keys: [id], repaired: true, ok: true });
  expect(await ids('Winter')).toContain(id);
  expect(String(await catalogue.check())).toMatch(/index keys and statistics are right\.$/);
});

it('a data set from before a correction says so; its query run again has the new values', async () => {
  const pipeline = new Pipeline<Hat>(aws);
  const query = { where: { kind: 'beret' }, folder: uniqueName('berets') };
  const [row] = (await pipeline.run(query)).rows;
  const { season = null } = (await get(Number(row?.id))) ?? {};
  const { changeSet = '' } = await catalogue.update([{ id: Number(row?.id), season: 'Rain', was: { season } }]);
  const stale = /^Since .* was written, 1 row of it changed in the catalogue by corrections, the first that of product/;
  expect((await openDataset(aws, query.folder)).stale).toMatch(stale);
  await catalogue.undo(changeSet);
  expect((await openDataset(aws, query.folder)).stale).toBeUndefined();
  await catalogue.update([{ id: Number(row?.id), season: 'Rain', was: { season } }]);
  expect((await openDataset(aws, query.folder)).stale).toMatch(stale);
  const again = await pipeline.run(query);
  expect(again.rows.find(({ id }) => id === row?.id)).toMatchObject({ season: 'Rain' });
  const opened = await openDataset(aws, query.folder);
  expect(opened.rows).toEqual(again.rows);
  expect(opened.stale).toBeUndefined();
});

describe('seeding after corrections', () => {
  const own = clients({ env: inject('env'), table: uniqueName('kept'), bucket: uniqueName('kept') });
  const kept = new Catalogue<Hat>(own, hats);
  const seasonOf = async (id: number) => (await kept.query({ id }).toArray())[0]?.season;
  const seed = async (options = {}, source = hatSource(40)) => (await seedCatalogue(own, source, options)).rows;
  beforeAll(() => seed());
  afterAll(() => own.close());

  it('keeps them and says how many, also where the table is made again', async () => {
    const changes = [1, 5, 9].map((id) => ({ id, season: 'Winter', was: { season: 'Fall' } }));
    await kept.update([...changes, { id: 2, price: null, was: { price: 0.5 } }]);
    const undone = await kept.update([{ id: 13, season: 'Winter', was: { season: 'Fall' } }]);
    await kept.undo(undone.changeSet ?? '');
    const before = await scanned(own);
    expect(await seed()).toMatchObject({ written: 0, unchanged: 40, corrected: 4 });
    expect(await scanned(own)).toEqual(before);
    await expectConsistent(own);
    // What was undone is no correction: the source may change it. What was corrected stays.
    const other = (hat: Hat): Hat => ({ ...hat, season: 'Autumn' });
    expect(await seed({}, hatSource(40, other))).toMatchObject({ corrected: 4 });
    expect([await seasonOf(1), await seasonOf(13)]).toEqual(['Winter', 'Autumn']);
    expect(await seed({ recreate: true })).toMatchObject({ written: 40, corrected: 4 });
    expect(await scanned(own)).toEqual(before);
    await expectConsistent(own);
  });

  it('completes first what was begun and not done, and keeps that, too', async () => {
    const dying = new Catalogue<Hat>(stoppingAfter(6, own), hats);
    const changes = [17, 21, 25].map((id) => ({ id, season: 'Spring', was: { season: 'Fall' } }));
    await expect(dying.update(changes)).rejects.toThrow('killed');
    expect(await seed()).toMatchObject({ corrected: 7 });
    expect([await seasonOf(17), await seasonOf(25)]).toEqual(['Spring', 'Spring']);
    expect((await kept.changes()).filter(({ done }) => !done)).toEqual([]);
    await expectConsistent(own);
  });

  it('loses none that is made meanwhile', async () => {
    const changes = [29, 33].map((id) => ({ id, season: 'Spring', was: { season: 'Fall' } }));
    const source = hatSource(40, (hat) => ({ ...hat, price: (hat.price ?? 0) + 1 }));
    const image = async (id: unknown) => {
      if (id === 40) await kept.update(changes);
      return source.image(Number(id));
    };
    await seed({}, { ...source, image });
    expect([await seasonOf(29), await seasonOf(33)]).toEqual(['Spring', 'Spring']);
    await expectConsistent(own);
    await seed();
  });

  it('with discardCorrections gives them up, for good', async () => {
    expect(await seed({ discardCorrections: true })).toMatchObject({ corrected: 0 });
    expect(await seasonOf(1)).toBe('Fall');
    expect(String((await kept.changes())[0])).toContain('seeded without the corrections before');
    expect(await seed({ recreate: true })).toMatchObject({ corrected: 0 });
    await expectConsistent(own);
  });
});
