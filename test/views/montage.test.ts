import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { decodeImage } from '../../src/image/codec.js';
import { montage } from '../../src/views/panels/montage.js';
import { show } from '../../src/views/show.js';
import { row } from './products.js';

const red = await sharp({ create: { width: 30, height: 60, channels: 3, background: '#ff0000' } })
  .jpeg()
  .toBuffer();
const tile = (id: number) => ({ row: row(id), data: red });

/** Whether any pixel of an area is red, and whether any is dark (text). */
async function seen(png: Buffer, left: number, top: number, size: number): Promise<{ red: boolean; dark: boolean }> {
  const { data, width } = await decodeImage(png);
  const found = { red: false, dark: false };
  for (let y = top; y < top + size; y++) {
    for (let x = left; x < left + size; x++) {
      const [r = 0, g = 0, b = 0] = data.subarray(3 * (y * width + x));
      if (r > 200 && g < 80) found.red = true;
      if (r + g + b < 450 && r < 180) found.dark = true;
    }
  }
  return found;
}

describe('a montage', () => {
  test('is one PNG, about square, every image in its place and at its size', async () => {
    const { png, width, height } = await montage([1, 2, 3, 4, 5].map(tile), { size: 60 });
    expect([width, height]).toEqual([8 + 3 * 68, 8 + 2 * 86]);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width, height });
    expect((await seen(png, 8 + 68, 8, 60)).red).toBe(true);
    expect((await seen(png, 8 + 2 * 68, 8 + 86, 60)).red, 'the sixth place is free').toBe(false);
    const { data } = await decodeImage(png);
    expect(
      [...data.subarray(3 * ((8 + 30) * width + 8), 3 * ((8 + 30) * width + 8) + 3)],
      'a narrow image leaves the sides white',
    ).toEqual([255, 255, 255]);
  });

  test('writes in the place of one that cannot be read', async () => {
    const { png } = await montage([{ row: row(1) }, { row: row(2), data: Buffer.from('no image') }, tile(3)], {
      columns: 3,
    });
    for (const left of [8, 136]) expect(await seen(png, left, 8, 120)).toEqual({ red: false, dark: true });
  });

  test('of nothing is an empty sheet', async () => {
    expect(await sharp((await montage([])).png).metadata()).toMatchObject({ format: 'png' });
  });

  test('goes to a file as well, whose folder need not be there', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'montage-'));
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const file = path.join(folder, 'new', 'sheet.png');
    await show.montage([tile(1)], { file });
    expect(log).toHaveBeenCalledWith(`1 image, 136 x 154 pixels, in ${file}`);
    expect(await sharp(await readFile(file)).metadata()).toMatchObject({ width: 136, height: 154 });
    log.mockRestore();
    await rm(folder, { recursive: true });
  });
});
