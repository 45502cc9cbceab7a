import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tasks } from '../../src/pipeline/queue/tasks/index.js';
import { codeParameter } from '../../src/pipeline/queue/template/index.js';
import { run } from '../scripts/script.js';
import { bundleInto, entriesOf, host } from './zips.js';

type Zips = Awaited<ReturnType<typeof bundleInto>>;

let folder: string;
let zips: Zips;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-zips-'));
  zips = await bundleInto(path.join(folder, 'one'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = (task: string): string => zips.find((zip) => zip.task === task)?.file ?? '';
const contents = async (task: string) => entriesOf(fileOf(task));
const libvips = (architecture: string) =>
  new RegExp(`^node_modules/@img/sharp-libvips-linux-${architecture}/lib/libvips-cpp\\.so`);
const binding = (architecture: string) => new RegExp(`^node_modules/@img/sharp-linux-${architecture}/lib/.*\\.node$`);

describe("the functions' zips", () => {
  test('are the same bytes when they are made again, elsewhere and in another time zone', async () => {
    const again = await bundleInto(path.join(folder, 'two'), host, { TZ: 'Asia/Kathmandu' });
    expect(again.map(({ task, sha256 }) => [task, sha256])).toEqual(zips.map(({ task, sha256 }) => [task, sha256]));
    for (const { file, bytes } of again) expect((await readFile(file)).length).toBe(bytes);
  });

  test('lie beside the template that they are for', async () => {
    const { Parameters } = JSON.parse(await readFile(path.join(folder, 'one/template.json'), 'utf8'));
    for (const task of tasks) expect(Parameters).toHaveProperty(codeParameter(task));
  });

  // Messages say how to install tfjs-node; its code and that of the other packages have names of their own.
  test('copy has the code alone: neither sharp nor TensorFlow.js', async () => {
    const files = await contents('copy');
    expect(Object.keys(files).filter((name) => !name.endsWith('.LEGAL.txt'))).toEqual([
      'dist/index.mjs',
      'package.json',
    ]);
    expect(Buffer.from(files['dist/index.mjs'] ?? '').toString()).not.toMatch(/libvips|tfjs-(?!node)/);
  });

  test("augment has sharp's binaries for the processor, and no TensorFlow.js", async () => {
    const names = Object.keys(await contents('augment'));
    expect(names).toEqual(
      expect.arrayContaining([expect.stringMatching(libvips(host)), expect.stringMatching(binding(host))]),
    );
    expect(names.filter((name) => /tfjs|weights/.test(name))).toEqual([]);
    expect(Buffer.from((await contents('augment'))['dist/index.mjs'] ?? '').toString()).not.toMatch(/tfjs-(?!node)/);
  });

  test(
    'infer has sharp, the weights of the kit and the WebAssembly backend, but none of TensorFlow.js for ' + 'browsers',
    async () => {
      const files = await contents('infer');
      for (const name of ['model.json', 'weights.bin', 'pipeline.json', 'trained-on.bin']) {
        expect(
          Buffer.from(files[`dist/model/weights/${name}`] ?? '').equals(await readFile(`src/model/weights/${name}`)),
          name,
        ).toBe(true);
      }
      expect(Object.keys(files)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(libvips(host)),
          expect.stringMatching(binding(host)),
          'node_modules/@tensorflow/tfjs-backend-wasm/tfjs-backend-wasm-simd.wasm',
        ]),
      );
      expect(Buffer.from(files['dist/index.mjs'] ?? '').toString()).not.toMatch(/WebGLRenderingContext\b.*texImage2D/);
    },
  );

  test('are small enough for Lambda: 50 MB packed, 250 MB unpacked', async () => {
    for (const { task, bytes } of zips) {
      const unpacked = Object.values(await contents(task)).reduce((sum, file) => sum + file.length, 0);
      expect(bytes).toBeLessThan(50e6);
      expect(unpacked).toBeLessThan(250e6);
    }
  });

  test('for the other processor have its binaries, which npm fetches', async (context) => {
    const other = host === 'x64' ? 'arm64' : 'x64';
    const made = await bundleInto(path.join(folder, 'other'), other).catch((error: Error) => error);
    if (made instanceof Error)
      return void (process.env.CI === 'true' || !/cannot be had from npm/.test(made.message)
        ? expect.fail(made.message)
        : context.skip("sharp's binaries cannot be had from npm here"));
    const files = await entriesOf(made.find(({ task }) => task === 'augment')?.file ?? '');
    const binaries = Object.keys(files).filter((name) => /\.so|\.node$/.test(name));
    expect(binaries).toEqual([expect.stringMatching(libvips(other)), expect.stringMatching(binding(other))]);
    // The machine that an ELF file is for. @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    for (const name of binaries)
      expect(Buffer.from(files[name] ?? '').readUInt16LE(18), name).toBe(other === 'arm64' ? 0xb7 : 0x3e);
  });
});

describe('deploy.mjs refuses', () => {
  test.each([
    [['--architecture', 'mips'], "--architecture is 'mips'; it can be arm64 or x64"],
    [['--max-concurrency', '1'], '--max-concurrency is 1, but AWS takes 2 or more; 0 for no limit'],
    [['--memory', 'much'], "--memory is 'much'; give a whole number from 512 to 10240"],
    [['--timeout', '901'], "--timeout is '901'; give a whole number from 30 to 900"],
    [['--remove', '--dry-run'], '--dry-run and --remove exclude each other'],
    [['--bundle-only', ''], '--bundle-only is empty; give a value'],
  ])('%j', async (options, message) => {
    const { status, stderr } = await run('deploy', options, {});
    expect({ status, line: stderr.split('\n')[0] }).toEqual({ status: 2, line: `error: ${message}` });
  });
});
