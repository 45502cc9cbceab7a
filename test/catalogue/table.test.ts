import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Aws } from '../../src/aws/clients.js';
import {
  Catalogue,
  defineSchema,
  ensureTable,
  fashion,
  readSchema,
  type SeedSummary,
  seedCatalogue,
} from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { uniqueName } from '../server.js';
import { ownTables } from './own-tables.js';

const { connected } = await ownTables('table');

const ids = async (aws: Aws) => (await new Catalogue(aws).query({}).toArray()).map(({ id }) => id).sort();

/** Hides the table from the first look, as where somebody else creates it just then; returns what is sent. */
function unseenAtFirst(aws: Aws): string[] {
  const send = aws.dynamodb.send.bind(aws.dynamodb);
  const sent: string[] = [];
  Object.assign(aws.dynamodb, {
    send(command: Parameters<typeof send>[0], options: Parameters<typeof send>[1]) {
      sent.push(command.constructor.name);
      return sent.length === 1
        ? send(new DescribeTableCommand({ TableName: uniqueName('none') }))
        : send(command, options);
    },
  });
  return sent;
}

describe('a table that somebody else creates at the same time', () => {
  it('is the table: both seedings come to their end', async () => {
    const first = connected();
    const second = connected(first);
    const summaries: SeedSummary[] = await Promise.all(
      [first, second].map((aws) => seedCatalogue(aws, sampleSource({ products: 30 }))),
    );
    expect(summaries.map(({ rows }) => rows.read)).toEqual([30, 30]);
    expect(await ids(first)).toHaveLength(30);
    expect(await new Catalogue(first).statistics()).toMatchObject({ products: 30 });
  });

  it('is the table where the answer to its creation was lost', async () => {
    const aws = connected();
    await seedCatalogue(aws, sampleSource({ products: 3 }));
    const late = connected(aws);
    const sent = unseenAtFirst(late);
    expect(await ensureTable(late, new Catalogue(aws).schema)).toBe('found');
    expect(sent.slice(0, 2)).toEqual(['DescribeTableCommand', 'CreateTableCommand']);
    expect(await ids(aws)).toHaveLength(3);
  });

  it('is refused where its keys are others, and keeps its fields', async () => {
    const aws = connected();
    await seedCatalogue(aws, sampleSource({ products: 3 }));
    const late = connected(aws);
    unseenAtFirst(late);
    const trees = defineSchema({ fields: { kind: 'string' }, indexes: [['kind']] });
    await expect(ensureTable(late, trees)).rejects.toMatchObject({ code: 'table.otherFields' });
    expect((await readSchema(aws)).fields).toEqual(fashion.fields);
  });

  it('is deleted and created again where that is asked for', async () => {
    const first = connected();
    await seedCatalogue(first, sampleSource({ products: 3 }));
    const summary = await seedCatalogue(connected(first), sampleSource({ products: 5 }), { recreate: true });
    expect(summary.rows).toMatchObject({ written: 5, removed: 0 });
    expect(await ids(first)).toHaveLength(5);
  });
});
