import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CsvRow, readRecords } from '../../src/catalogue/source/records.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The rows of a file with the columns id, a, b: their values, or `LINE CODE` where they are left out. */
async function rowsOf(text: string, header = 'id,a,b'): Promise<(readonly string[] | string)[]> {
  const file = path.join(folder, 'x.csv');
  await writeFile(file, `${header}\n${text}`);
  const rows: CsvRow[] = [];
  for await (const row of readRecords({ file, needed: ['id', 'a', 'b'], id: 'id' }, () => {})) rows.push(row);
  return rows.map((row) => ('reason' in row ? `${row.line} ${row.code}` : row.values.map((value) => value.trim())));
}

describe('a row with quotes', () => {
  it.each<[string, string[]]>([
    ['1,"a, b","Tie" set', ['1', 'a, b', '"Tie" set']],
    ['1,"Tie" set,"a, b"', ['1', '"Tie" set', 'a, b']],
    ['1, "a, b", "c"', ['1', 'a, b', 'c']],
    ['1,\t"a, b" ,"c"\t', ['1', 'a, b', 'c']],
    ['"1","a ""wide"" tie, blue",""', ['1', 'a "wide" tie, blue', '']],
    ['1,3.5" heels,"x, y"', ['1', '3.5" heels', 'x, y']],
    ['1,He said "hi" there,5\' 10"', ['1', 'He said "hi" there', '5\' 10"']],
    ['1,"""Tie"" set",""Tie"" set', ['1', '"Tie" set', '""Tie"" set']],
    ['1,"A "wide" tie",x', ['1', '"A "wide" tie"', 'x']],
  ])('%s comes out right', async (text, values) => {
    expect(await rowsOf(`${text}\n2,x,y`)).toEqual([values, ['2', 'x', 'y']]);
    expect(await rowsOf(`0,x,y\r\n${text}\r\n`)).toEqual([['0', 'x', 'y'], values]);
  });

  it.each([
    '1,"a, "wide" tie",x',
    '1,"a "wide, blue" tie",x',
    String.raw`1,"a \"wide, blue\" tie",x`,
    '1,"Tie" set of 3",x',
  ])('%s can be read in several ways: it has another number of values, or none', async (text) => {
    const [before, row, after] = await rowsOf(`0,x,y\n${text}\n2,x,y`);
    expect([before, after]).toEqual([
      ['0', 'x', 'y'],
      ['2', 'x', 'y'],
    ]);
    expect(typeof row === 'string' ? row : row?.length).not.toBe(3);
  });

  it('whose value is not closed takes no other row with it, unless that may close it', async () => {
    expect(await rowsOf('1,"x,y\n2,a,b\n3,"c","d"')).toEqual([
      '2 source.brokenQuote',
      ['2', 'a', 'b'],
      ['3', 'c', 'd'],
    ]);
    expect(await rowsOf('1,x,"y\n2,a,b"\n3,c,d')).toEqual([
      '2 source.brokenQuote',
      '3 source.unclearQuotes',
      ['3', 'c', 'd'],
    ]);
    expect(await rowsOf('1,x,"y\nz\n2,"a\nb",c\n3,"d')).toEqual([
      '2 source.unclearQuotes',
      ['z'],
      ['2', 'a\nb', 'c'],
      '6 source.brokenQuote',
    ]);
  });

  it('of thousands of lines, or of broken quotes, takes no long time', async () => {
    const started = performance.now();
    expect(await rowsOf(`1,x,"${'y\n'.repeat(60_000)}"\n`)).toHaveLength(1);
    expect(await rowsOf('1,x,"y\n'.repeat(20_000))).toHaveLength(20_000);
    expect((await rowsOf('"\n""\n'.repeat(20_000))).length).toBeGreaterThan(0);
    expect(await rowsOf(`1,${'"a" '.repeat(30_000)},x\n`)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a file', () => {
  it.each([
    ['semicolons', 'id;a;b', '1;x;"y;z"'],
    ['tabs', 'id\ta\tb', '1\tx\t"y;z"'],
    ['vertical bars', 'id|a|b', '1|x|y;z'],
    ['semicolons, which it names', 'sep=;\nid;a;b', '1;x;"y;z"'],
    ['commas, and names with blanks', ' id , "a",b ', '1,x,y;z'],
    ['commas, and a name of two lines', '"size\n(cm)",b,id,a', '0,y;z,1,x'],
  ])('with %s between its values is read by them', async (_, header, row) => {
    const [values] = await rowsOf(row, header);
    expect([...(values ?? [])].filter((value) => value !== '0').sort()).toEqual(['1', 'x', 'y;z']);
  });

  it('with the line ends of old Macs is read, and lines of blanks are none', async () => {
    const file = path.join(folder, 'mac.csv');
    await writeFile(file, '\rid,a,b\r1,x,y\r,,\r \r2,"x",y');
    const rows: CsvRow[] = [];
    for await (const row of readRecords({ file, needed: ['id', 'a'], id: 'id' }, () => {})) rows.push(row);
    expect(rows).toMatchObject([
      { line: 3, values: ['1', 'x', 'y'] },
      { line: 6, values: ['2', 'x', 'y'] },
    ]);
  });

  it.each([
    ['id,a', 'lacks b', /It needs the columns id, a, b\. Read as UTF-8 with commas between values, it has id, a\./],
    ['ID;A;B', 'lacks id, a, b', /Did you mean/],
    ['id;a;c', 'lacks b', /with semicolons between values, it has id, a, c/],
    ['id,a,b,a', 'has the column a twice', /Rename/],
  ])('with the header %s is refused, saying what was found', async (header, what, found) => {
    await expect(rowsOf('1,x,y', header)).rejects.toMatchObject({ message: expect.stringContaining(what) });
    await expect(rowsOf('1,x,y', header)).rejects.toMatchObject({ message: expect.stringMatching(found) });
  });

  it('loses a line that is too long, and no other, wherever a part ends', async () => {
    const [short, long] = ['x'.repeat(50_000), 'x'.repeat(200_000)];
    for (const before of [0, 1, 2, 7])
      for (const end of ['\n', '\r\n']) {
        const lines = [...Array.from({ length: before }, (_, i) => `${i + 10},${short},y`), `1,${long},y`, '2,x,y'];
        const rows = await rowsOf(lines.join(end));
        expect(rows.slice(before)).toEqual([`${before + 2} source.longLine`, ['2', 'x', 'y']]);
      }
    expect(await rowsOf(`1,${long},y`)).toEqual(['2 source.longLine']);
  });
});
