import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineSchema } from '../../src/catalogue/schema.js';
import { type FolderOptions, folderSource } from '../../src/catalogue/source/folder.js';
import type { RowProblem } from '../../src/catalogue/source/source.js';

const schema = defineSchema({ fields: { kind: 'string' } });
const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'found-'));
  folder = path.join(parent, 'set');
  await mkdir(path.join(folder, 'photos'), { recursive: true });
});
afterEach(() => rm(parent, { recursive: true }));

async function write(csv: string, images: readonly string[]): Promise<void> {
  await writeFile(path.join(folder, 'styles.csv'), csv);
  for (const name of images) {
    await mkdir(path.dirname(path.join(folder, 'photos', name)), { recursive: true });
    await writeFile(path.join(folder, 'photos', name), jpeg);
  }
}

/** The ids whose image was found and read, and why others have none. */
async function found(options: Partial<FolderOptions>): Promise<{ ids: number[]; problems: string[] }> {
  const source = await folderSource(folder, { schema, images: 'photos', ...options });
  const [ids, problems]: [number[], RowProblem[]] = [[], []];
  for await (const { id } of source.products(undefined, (problem) => problems.push(problem))) {
    expect(Buffer.from(await source.image(id)).equals(jpeg)).toBe(true);
    ids.push(id);
  }
  return { ids, problems: problems.map(({ line, code, reason }) => `${line} ${code}: ${reason}`) };
}

describe('an image by its name', () => {
  it.each([
    ['a.jpg', 'a.jpg'],
    ['./a.jpg', 'a.jpg'],
    ['photos/a.jpg', 'a.jpg'],
    ['./photos//x/../a.jpg', 'a.jpg'],
    ['x\\a.jpg', 'x/a.jpg'],
    ['photos\\x\\a.jpg', 'x/a.jpg'],
    ['A.JPG', 'a.jpg'],
    ['a.jpg', 'A.Jpg'],
    ['caf\u00e9.jpg', 'cafe\u0301.jpg'],
    ['cafe\u0301.jpg', 'caf\u00e9.jpg'],
    ['0001.jpg', '0001.jpg'],
    ['sp ace #1%20?.jpg', 'sp ace #1%20?.jpg'],
  ])('%j is found as %j', async (name, file) => {
    await write(`id,kind,photo\n1,x,${name}`, [file]);
    expect(await found({ image: 'photo' })).toEqual({ ids: [1], problems: [] });
    const source = await folderSource(folder, { schema, images: 'photos', image: 'photo' });
    expect(await source.image(1)).toHaveLength(4);
  });

  it('is found as seen from the folder of the CSV, or by its whole path', async () => {
    await write('', ['a.jpg']);
    await mkdir(path.join(folder, 'lists'));
    await writeFile(
      path.join(folder, 'lists', 'all.csv'),
      `id,kind,photo\n1,x,../photos/a.jpg\n2,x,${path.join(folder, 'photos', 'a.jpg')}`,
    );
    expect(await found({ image: 'photo', rows: 'lists/all.csv' })).toEqual({ ids: [1, 2], problems: [] });
  });

  it('is told why it is not there, by this layout’s names', async () => {
    await write('id,kind,photo\n1,x,ok.jpg\n2,x,b.jpg\n3,x,\n4,x,../styles.csv\n5,x,B/C.JPG\n6,x,/etc/passwd', [
      'ok.jpg',
      'b/c.jpg',
      'b/c.JPG',
    ]);
    expect(await found({ image: 'photo' })).toEqual({
      ids: [1],
      problems: [
        '3 source.noImage: photos/b.jpg does not exist',
        "4 source.noImageName: the column 'photo' is empty",
        '5 source.imageOutside: photos/../styles.csv is outside of the folder photos',
        expect.stringMatching(/^6 source\.severalImages: photos\/b\/c\.J?j?P?p?G?g? and photos\/b\/c\./),
        '7 source.imageOutside: photos//etc/passwd is outside of the folder photos',
      ],
    });
  });
});

describe('an image by its id', () => {
  it('may have zeros before it, another ending, and a folder', async () => {
    await write('id,kind\n1,x\n2,x\n003,x\n4.0,x\n5,x\n6,x\n7,x', [
      '1.JPG',
      '0002.jpg',
      '3.jpeg',
      '4.jpg',
      '05/5.Png',
      '6.txt',
      '7.jpg',
      '07.jpg',
    ]);
    expect(await found({})).toEqual({
      ids: [1, 2, 3, 4, 5, 7],
      problems: [
        '4 source.zerosInId: ids are numbers: 003 is taken as 3',
        '7 source.noImage: photos/6.jpg does not exist',
      ],
    });
  });
});

describe.skipIf(process.platform === 'win32')('what is no plain file', () => {
  it('is no image, and nothing waits for it', async () => {
    await write('id,kind\n1,x\n2,x\n3,x\n4,x', ['1.jpg']);
    execFileSync('mkfifo', [path.join(folder, 'photos', '2.jpg')]);
    await symlink('/dev/zero', path.join(folder, 'photos', '3.jpg'));
    await symlink('nothing', path.join(folder, 'photos', '4.jpg'));
    const problems = [
      '3 source.badImage: photos/2.jpg is not a file',
      expect.stringMatching(/^4 source\.badImage: photos\/3\.jpg is a link out of the folder.*--follow-links/),
      '5 source.badImage: photos/4.jpg is a link to nothing',
    ];
    expect(await found({})).toEqual({ ids: [1], problems });
    expect(await found({ followLinks: true })).toMatchObject({ ids: [1], problems: { length: 3 } });
  });

  it('is no CSV and no fields.json', async () => {
    execFileSync('mkfifo', [path.join(folder, 'styles.csv'), path.join(folder, 'fields.json')]);
    await expect(folderSource(folder, { schema, images: 'photos' })).rejects.toMatchObject({
      code: 'source.notADataSet',
      message: expect.stringContaining('styles.csv is not a file'),
    });
    await expect(folderSource(folder)).rejects.toMatchObject({ code: 'source.badFields' });
  });
});

describe.skipIf(process.platform === 'win32')('a file outside of the folder', () => {
  it('is taken through a link where that is meant, and within the folder always', async () => {
    await writeFile(path.join(parent, 'secret.jpg'), jpeg);
    await write('id,kind\n1,x\n2,x', ['0/1.jpg']);
    await symlink('0/1.jpg', path.join(folder, 'photos', '1.jpg'));
    await symlink('../../secret.jpg', path.join(folder, 'photos', '2.jpg'));
    expect((await found({})).ids).toEqual([1]);
    expect((await found({ followLinks: true })).ids).toEqual([1, 2]);
  });

  it('is not reached by fields.json', async () => {
    await writeFile(path.join(parent, '1.jpg'), jpeg);
    await write('id,kind\n1,x', []);
    const fields = { fields: schema.fields };
    for (const [where, outside] of [
      [{ images: '..' }, parent],
      [{ images: 'photos', rows: '../1.jpg' }, '1.jpg'],
    ] as const) {
      await writeFile(path.join(folder, 'fields.json'), JSON.stringify({ ...fields, ...where }));
      await expect(folderSource(folder)).rejects.toMatchObject({
        code: 'source.outside',
        message: expect.stringContaining(outside),
      });
    }
    await symlink(parent, path.join(folder, 'elsewhere'));
    await writeFile(path.join(folder, 'fields.json'), JSON.stringify({ ...fields, images: 'elsewhere' }));
    await expect(folderSource(folder)).rejects.toMatchObject({ code: 'source.outside' });
    const source = await folderSource(folder, { followLinks: true });
    expect(await source.image(1)).toHaveLength(4);
  });

  it('so large that it is no image is not read', async () => {
    await write('id,kind\n1,x', ['1.jpg']);
    await truncate(path.join(folder, 'photos', '1.jpg'), 2 ** 29);
    const source = await folderSource(folder, { schema, images: 'photos' });
    await expect(source.image(1)).rejects.toMatchObject({ code: 'image.unreadable' });
  });
});
