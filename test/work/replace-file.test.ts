import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile, replaceFiles } from '../../src/work/replace-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-replace-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
const read = (name: string) => readFile(at(name), 'utf8');

/** Some bytes, and then the error of a full disk, as Node has it. */
async function* untilFull() {
  yield Buffer.from('half');
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
}

describe('a file that is replaced', () => {
  it('is made with the folders above it, and nothing is left beside it', async () => {
    await replaceFile(at('a/b/page.html'), 'new');
    expect(await read('a/b/page.html')).toBe('new');
    expect(await readdir(at('a/b'))).toEqual(['page.html']);
  });

  it('keeps what it had, whole, where the disk is full, and the error says so in words', async () => {
    await writeFile(at('page.html'), 'old');
    await expect(replaceFile(at('page.html'), untilFull())).rejects.toMatchObject({
      code: 'file.noSpace',
      message: expect.stringMatching(/^There is no space left for '.*page\.html'.*Free some/),
    });
    expect(await readdir(folder)).toEqual(['page.html']);
    expect(await read('page.html')).toBe('old');
  });

  it('keeps its permissions, and a link stays a link', async () => {
    await writeFile(at('page.html'), 'old');
    await chmod(at('page.html'), 0o640);
    await symlink('page.html', at('link.html'));
    await replaceFile(at('link.html'), 'new');
    expect([await read('page.html'), (await stat(at('page.html'))).mode & 0o777]).toEqual(['new', 0o640]);
    expect((await readdir(folder, { withFileTypes: true })).map((entry) => entry.isSymbolicLink())).toEqual([
      true,
      false,
    ]);
  });

  it('is one of several that belong together: all or none', async () => {
    for (const name of ['model.json', 'weights.bin']) await writeFile(at(name), 'old');
    const files = [
      [at('model.json'), 'new'],
      [at('weights.bin'), untilFull()],
    ] as const;
    await expect(replaceFiles(files)).rejects.toMatchObject({ code: 'file.noSpace' });
    expect([await read('model.json'), await read('weights.bin')]).toEqual(['old', 'old']);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('where a folder is in its place says so', async () => {
    await mkdir(at('page.html'));
    await expect(replaceFile(at('page.html'), 'new')).rejects.toMatchObject({
      code: 'file.notWritten',
      message: expect.stringContaining('EISDIR'),
    });
  });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it('a device is written to, not replaced', async () => {
    await replaceFile('/dev/null', 'some');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    await expect(replaceFile('/dev/full', 'some')).rejects.toMatchObject({ code: 'file.noSpace' });
  });

  it('a disk that is really full leaves what was there', async ({ skip }) => {
    const disk = at('disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('needs the right to mount');
    }
    try {
      await replaceFile(path.join(disk, 'page.html'), 'old');
      await expect(replaceFile(path.join(disk, 'page.html'), Buffer.alloc(100_000))).rejects.toMatchObject({
        code: 'file.noSpace',
      });
      expect(await readdir(disk)).toEqual(['page.html']);
      expect(await readFile(path.join(disk, 'page.html'), 'utf8')).toBe('old');
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
