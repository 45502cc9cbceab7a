import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { dataset } from '../dataset.js';

const header = 'id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName';

/** A data set folder that a test may spoil. */
export interface Folder {
  path: string;
  ids: number[];
  image(id: number): string;
  /** Replaces styles.csv by these lines, the header first. */
  write(lines: readonly string[]): Promise<void>;
  lines(): string[];
  /** Changes one line: 1 is the header, as an editor counts. */
  edit(line: number, change: (text: string) => string): Promise<void>;
  remove(): Promise<void>;
}

/** Twenty invented rows, whose images are text files: enough where seeding stops before it reads one. */
export function inventedFolder(): Promise<Folder> {
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${1000 + i},Men,Footwear,Shoes,Casual Shoes,Black,Fall,2013,Casual,Shoe ${i}`,
  );
  return folderOf(rows, (id, to) => writeFile(to, `image of ${id}`));
}

/** `count` products of the real data set, `shoes` of them found by query 1. */
export function realFolder(count: number, shoes = 0): Promise<Folder> {
  const source = dataset ?? '';
  const [, ...all] = readFileSync(path.join(source, 'styles.csv'), 'utf8').trimEnd().split('\n');
  const image = (id: string | number) => path.join(source, 'images', `${id}.jpg`);
  const there = all.filter((row) => existsSync(image(row.split(',')[0] ?? '')));
  const isShoe = (row: string) => /^\d+,Men,Footwear,Shoes,[^,]*,[^,]*,[^,]*,201[3-9],/.test(row);
  const rows = [
    ...there.filter(isShoe).slice(0, shoes),
    ...there.filter((row) => !isShoe(row)).slice(0, count - shoes),
  ];
  return folderOf(rows, (id, to) => copyFile(image(id), to));
}

async function folderOf(rows: readonly string[], putImage: (id: number, to: string) => Promise<void>): Promise<Folder> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-data-'));
  const csv = path.join(folder, 'styles.csv');
  const ids = rows.map((row) => Number(row.split(',')[0]));
  const image = (id: number) => path.join(folder, 'images', `${id}.jpg`);
  const lines = () => readFileSync(csv, 'utf8').trimEnd().split('\n');
  const write = (text: readonly string[]) => writeFile(csv, `${text.join('\n')}\n`);
  await mkdir(path.join(folder, 'images'));
  await write([header, ...rows]);
  await Promise.all(ids.map((id) => putImage(id, image(id))));
  return {
    path: folder,
    ids,
    image,
    write,
    lines,
    edit: (line, change) => write(lines().map((text, i) => (i === line - 1 ? change(text) : text))),
    remove: () => rm(folder, { recursive: true }),
  };
}
