import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../../src/aws/clients.js';
import { list } from '../../src/aws/listing.js';
import { holdFolder } from '../../src/dataset/hold.js';
import { type Holder, releaseLock, renewLock, takeLock } from '../../src/dataset/lock.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
let aws: Aws;
beforeAll(async () => {
  aws = clients({ env: { ...server.env, ML_PIPELINE_BUCKET: uniqueName('bucket') } });
  await aws.s3.send(new CreateBucketCommand({ Bucket: aws.bucket }));
});
afterAll(async () => {
  aws.close();
  await server.close();
});

const holder = (more: Partial<Holder> = {}): Holder => ({
  owner: uniqueName('run'),
  kind: 'run',
  seconds: 60,
  ...more,
});
const never = async () => false;
const taken = { code: 'run.folderTaken' };

describe('the lock of a folder', () => {
  it('is taken by one of many, and by the next when it is released', async () => {
    const folder = uniqueName('folder');
    const holders = Array.from({ length: 20 }, () => holder());
    const outcomes = await Promise.allSettled(holders.map((one) => takeLock(aws, folder, one, never)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const first = holders[outcomes.findIndex(({ status }) => status === 'fulfilled')] ?? expect.fail();
    await expect(renewLock(aws, folder, holder(), never)).rejects.toMatchObject(taken);
    await releaseLock(aws, folder, holder());
    await expect(takeLock(aws, folder, holder(), never)).rejects.toMatchObject(taken);
    await releaseLock(aws, folder, first);
    expect(await takeLock(aws, folder, holder(), never)).toBe(false);
  });

  it('is taken over where its term is past, by one of many, and its owner hears of it', async () => {
    const folder = uniqueName('folder');
    const late = holder({ seconds: -1 });
    await takeLock(aws, folder, late, never);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => takeLock(aws, folder, holder(), never)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(renewLock(aws, folder, late, never)).rejects.toMatchObject(taken);
  });

  it('is taken over where its holder is known to have ended, or has paused', async () => {
    const folder = uniqueName('folder');
    const job = holder({ kind: 'job' });
    await takeLock(aws, folder, job, never);
    await expect(takeLock(aws, folder, holder(), never)).rejects.toMatchObject({ code: 'job.folderTaken' });
    await releaseLock(aws, folder, job, true);
    expect(await renewLock(aws, folder, job, never)).toBe(false);
    expect(await takeLock(aws, folder, job, never)).toBe(true);
    const next = holder();
    expect(await takeLock(aws, folder, next, async ({ owner }) => owner === job.owner)).toBe(false);
    await releaseLock(aws, folder, next);
    expect(await takeLock(aws, folder, job, never)).toBe(false);
  });

  it('is not written anew for an owner who may not', async () => {
    const folder = uniqueName('folder');
    expect(await renewLock(aws, folder, holder(), never)).toBe(false);
    expect(await renewLock(aws, folder, holder(), async () => true)).toBe(true);
  });
});

describe('a run that holds a folder', () => {
  it('keeps others out until it has ended, however it ends, and leaves nothing behind', async () => {
    const folder = uniqueName('folder');
    const work = async () => {
      await expect(holdFolder(aws, folder, undefined, async () => 1)).rejects.toMatchObject({
        ...taken,
        message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
      });
      throw new Error('broken');
    };
    await expect(holdFolder(aws, folder, undefined, work)).rejects.toThrow('broken');
    expect(await holdFolder(aws, folder, undefined, async () => 1)).toBe(1);
    const left: string[] = [];
    for await (const { key } of list(aws, 'jobs/')) if (key.includes(`/${folder}/`)) left.push(key);
    expect(left).toEqual([]);
  });

  it('is succeeded at once where its process was killed', async () => {
    const folder = uniqueName('folder');
    let left: Holder['process'];
    await holdFolder(aws, folder, undefined, async () => {
      const other = holder();
      await takeLock(aws, folder, other, async ({ process }) => {
        left = process;
        return true;
      });
    }).catch(() => {});
    const { pid } = spawnSync(process.execPath, ['--version']);
    const killed = holder({ process: { ...(left ?? expect.fail()), pid } });
    await takeLock(aws, folder, killed, async () => true);
    expect(await holdFolder(aws, folder, undefined, async () => 1)).toBe(1);
    const elsewhere = holder({ process: { machine: 'another', host: 'another', pid } });
    await takeLock(aws, folder, elsewhere, never);
    await expect(holdFolder(aws, folder, undefined, async () => 1)).rejects.toMatchObject(taken);
  });

  it('is told where another has taken the folder over, before it completes anything', async () => {
    const folder = uniqueName('folder');
    const work = holdFolder(aws, folder, undefined, async ({ confirm }) => {
      await takeLock(aws, folder, holder(), async () => true);
      await confirm();
    });
    await expect(work).rejects.toMatchObject(taken);
    await expect(holdFolder(aws, folder, undefined, async () => 1)).rejects.toMatchObject(taken);
  });
});
