import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { type Action, type Gate, gate } from '../scripts/gate.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { jupyter, notebooks } from './execute.js';
import { type Kernel, startKernel } from './kernel.js';

const execute = promisify(execFile);
const reason = jupyter
  ? ''
  : ' (skipped, no Jupyter: npm run lab -- --only-environment brings it, or name it in ML_PIPELINE_JUPYTER)';
const products = 150;

describe.skipIf(!jupyter)(`a cell${reason}`, () => {
  let server: TestServer;
  let door: Gate;
  let kernel: Kernel;

  beforeAll(async () => {
    server = await testServer();
    door = await gate(server.endpoint);
    const env = {
      ...server.env,
      AWS_ENDPOINT_URL: door.endpoint,
      ML_PIPELINE_TABLE: uniqueName('kernel'),
      ML_PIPELINE_BUCKET: uniqueName('kernel'),
      ML_PIPELINE_STACK: uniqueName('kernel'),
    };
    const aws = clients({ env });
    await seedCatalogue(aws, sampleSource({ products }));
    aws.close();
    kernel = startKernel(env);
    expect(
      await kernel.run(
        `import {${exported('value')}} from 'ml-pipeline';\nimport type {${exported('type')}} from 'ml-pipeline';`,
      ),
    ).toMatchObject({ status: 'ok', stderr: '' });
    expect(await kernel.run('const { catalogue, pipeline, aws } = await connect();')).toMatchObject({
      status: 'ok',
      stderr: '',
    });
    expect(
      await kernel.run("const every = await pipeline.run({ where: {}, folder: 'every' }); const [row] = every.rows;"),
    ).toMatchObject({ status: 'ok', stderr: '' });
    door.open();
  });
  afterEach(() => door.open());
  afterAll(async () => {
    kernel.close();
    await door.close();
    await server.close();
  });

  describe('helps while it is written:', () => {
    test('the five queries with their descriptions', async () => {
      const names = await kernel.complete('queries.');
      expect(names).toHaveLength(5);
      for (const name of names) expect((await kernel.inspect(`queries.${name}`)).split('\n\n')[1]).toMatch(/^\d: \w+/);
    });

    test('the fields of a condition, and the operators of a test', async () => {
      expect(await kernel.complete('catalogue.query({ ')).toEqual(
        expect.arrayContaining(['gender', 'articleType', 'year', 'and', 'or', 'not']),
      );
      expect(await kernel.complete('catalogue.query({ year: { ')).toEqual(
        expect.arrayContaining(['gt', 'between', 'exists']),
      );
    });

    test.each([
      ['a value', "catalogue.query({ gender: '", ['Men', 'Women']],
      ['what begins so', 'catalogue.explain({ "gender": { eq: "Wo', ['Women']],
      ['one of several', "catalogue.query({ gender: { in: ['Men', 'wom", ['Women']],
      ['what a row is compared with', "every.rows.filter(({ gender }) => gender === 'Wo", ['Women']],
    ])('the values that a field has, between quotes: %s', async (_, code, values) => {
      expect(await kernel.complete(code)).toEqual(expect.arrayContaining(values));
      expect(await kernel.complete(code)).not.toContain('catalogue');
    });

    test('nothing of it after the quotes, and for a field that no catalogue has', async () => {
      expect(await kernel.complete("catalogue.query({ gender: 'Men', sea")).toContain('season');
      expect(await kernel.complete("const own = { length: 'M")).not.toContain('Men');
      expect(await kernel.complete("catalogue.values('")).toEqual(expect.arrayContaining(['gender', 'year']));
    });

    test.each([
      'show.table(',
      'show.table(|)',
      'show.table(every, |)',
      'show.table(every, { | })',
      'show.table(every, { limit: 4|0 })',
      'show.table(every)',
      "const mood = '😀😀😀😀'; show.table(|)",
    ])('the function that is called, and its options: %s', async (code) => {
      const help = await kernel.inspect(code);
      expect(help).toMatch(/^\(method\) table\(rows: Tabular, [\s\S]*\n\nOptions:\n {2}limit: number {2}\/\/ How many/);
      expect(help).toContain('The first and last rows');
    });

    test.each([
      ['table', 'TableOptions & WithImages'],
      ['grid', 'GridOptions & WithImages'],
      ['montage', 'SheetOptions'],
      ['predictions', 'Paging & WithImages'],
    ])('the options of show.%s by their name, and what images are', async (method, options) => {
      const help = await kernel.inspect(`show.${method}(|)`);
      expect(help.split('\n\n')[0]).toBe(`(method) ${method}(rows: Tabular, options?: ${options}): Promise<void>`);
      expect(help).toMatch(/\n {2}images: .* {2}\/\/ A data set or pictures/);
    });

    test('a name within a call, and below it the function', async () => {
      const help = await kernel.inspect('show.table(every, { lim|it: 40 })');
      expect(help).toMatch(/^\(property\) Paging\.limit\?: number\n\nHow many [\s\S]*\n\n\(method\) table\(/);
      expect(await kernel.inspect('[1].map((n) => { show.table(|); })')).toMatch(/^\(method\) table\(/);
      expect(await kernel.inspect('(every.rows.length | + 3)')).toBe('');
    });

    test('the options of an argument', async () => {
      expect(await kernel.complete('show.table(every, { | })')).toEqual(['images', 'limit', 'page']);
      expect(await kernel.complete("const mood = '😀😀'; show.table(every, { im| })")).toContain('images');
    });

    test.each([
      [
        'a field',
        "await catalogue.query({ gendr: 'Men' }).toArray();",
        /'gendr' does not exist in type 'KnownCondition.*'\. Did you mean to write 'gender'\?/,
      ],
      [
        'an operator',
        'await catalogue.query({ year: { gte: 2012, lessThan: 2014 } }).toArray();',
        /'lessThan' does not exist in type/,
      ],
      [
        'a query',
        'await pipeline.run(queries.maleShoes);',
        /Property 'maleShoes' does not exist on type 'NamedQueries'\./,
      ],
    ])('%s that there is not is named in a line, before anything runs', async (_, code, message) => {
      const { status, stderr } = await kernel.run(code);
      expect({ status, stderr }).toEqual({ status: 'error', stderr: expect.stringMatching(message) });
      expect(stderr.trim().split('\n').length).toBe(code.split('\n').length);
      expect(door.passed('Scan')).toBe(0);
    });

    test('a hover over anything exported says what it is, in a sentence and no pages of types', async () => {
      const hovers = [
        ...exported('value').split(','),
        ...exported('type')
          .split(',')
          .map((type) => `let it: ${type}`),
      ];
      for (const name of ['queries', 'show', 'catalogue', 'pipeline', 'every', 'aws']) {
        for (const member of await kernel.complete(`${name}.`)) hovers.push(`${name}.${member}`);
      }
      expect(hovers.length).toBeGreaterThan(120);
      for (const code of hovers) {
        const [signature = '', ...docs] = (await kernel.inspect(code)).split('\n\n');
        expect(docs.join(''), code).toMatch(/\w/);
        expect(signature.split('\n').length, signature).toBeLessThan(15);
        expect([signature, ...docs].join('\n'), code).not.toMatch(/\{@link|\bz\.|\$Infer|import\(/);
      }
    });
  });

  test('loses none of many outputs', async () => {
    const { stdout } = await kernel.run('for (let i = 0; i < 2000; i++) console.log(i);');
    expect(stdout).toBe(Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(''));
  });

  describe('fails in one line:', () => {
    test.each([
      [
        'an error of the kit',
        "await pipeline.open('nowhere');",
        /^PipelineError \[dataset\.notFound\]: s3:.* Run its query first, or again\.\n$/,
      ],
      [
        'an error of the SDK',
        "import { GetObjectCommand } from '@aws-sdk/client-s3';\nawait aws.s3.send(new GetObjectCommand({ " +
          "Bucket: aws.bucket, Key: 'nothing' }));",
        /^NoSuchKey: .*\n$/,
      ],
      [
        'nobody who answers',
        "await connect({ env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } });",
        new RegExp(
          String.raw`^PipelineError \[aws\.unreachable\]: Nothing answers at .* ` +
            String.raw`Start the mock with: npx zx scripts/up\.mjs --port 9\n$`,
        ),
      ],
    ])('%s', async (_, code, message) => {
      const { status, stderr } = await kernel.run(code);
      expect({ status, stderr }).toEqual({ status: 'error', stderr: expect.stringMatching(message) });
    });
  });

  describe('fails with its reason in one line and the lines that led to it:', () => {
    beforeAll(async () => {
      await kernel.run('// The season of a row.\nfunction seasonOf(n: number) {\n  return every.rows[n].season;\n}');
    });
    test.each<[string, string, RegExp]>([
      [
        'an error of its own',
        "const parts = 3;\n\nthrow new RangeError(parts + ' of\\n' + 'these');",
        /^RangeError: 3 of these\n {4}at line 3: throw new RangeError\(.*\n$/,
      ],
      [
        'one of a function that an earlier cell made',
        'for (const n of [1, 999]) {\n  seasonOf(n);\n}',
        /^TypeError: .* 'season'\)\n {4}at cell \[\d+\], line 3: return .*;\n {4}at line 2: seasonOf\(n\);\n$/,
      ],
      [
        'one after it awaited something',
        "await catalogue.query({}).first(1);\nJSON.parse('{');",
        /^SyntaxError: .*JSON.*\n {4}at line 2: JSON\.parse\('\{'\);\n$/,
      ],
      [
        'one with a cause',
        "throw new Error('Not found', { cause: new Error('no such door') });",
        /^Error: Not found \(no such door\)\n {4}at line 1: .*\n$/,
      ],
    ])('%s', async (_, code, message) => {
      const { status, stderr } = await kernel.run(code);
      expect({ status, stderr }).toEqual({ status: 'error', stderr: expect.stringMatching(message) });
    });

    test('and what it has imported is there all the same', async () => {
      const failing = "import { equal as isEqual } from 'node:assert';\nthrow new Error('too late');";
      expect((await kernel.run(failing)).stderr).toContain('line 2: throw');
      expect(await kernel.run('isEqual(1, 1);')).toMatchObject({ status: 'ok', stderr: '' });
    });

    test('types that do not fit, a line each', async () => {
      const code =
        "const years: number[] = ['one',\n  'two'];\nconst late: Promise<number> = Promise.resolve('x');\nshow.table(";
      const { stderr } = await kernel.run(code);
      expect(stderr.split('\n')).toEqual([
        "line 1: Type 'string' is not assignable to type 'number'.",
        "line 2: Type 'string' is not assignable to type 'number'.",
        "line 3: Type 'Promise<string>' is not assignable to type 'Promise<number>'. " +
          "It is a promise: write await before what makes it. Type 'string' is not assignable to type 'number'.",
        'line 4: Argument expression expected.',
        '',
      ]);
      expect((await kernel.run('catalogue.query({}).toArray().length')).stderr).toMatch(
        /^line 1: .* It is a promise: write await before what makes it\.\n$/,
      );
      const { stderr: notScored } = await kernel.run(
        'evaluate(every);\nsimilar(every, 1);\nevaluate(pipeline.score(every));',
      );
      expect(notScored.split('\n')).toEqual([
        expect.stringMatching(/^line 1: .* Score it first: const scored = await pipeline\.score\(dataset\);/),
        expect.stringMatching(/^line 2: .* Score it first: const scored = await pipeline\.score\(dataset\);/),
        expect.stringMatching(/^line 3: .* It is a promise: write await before what makes it\./),
        '',
      ]);
    });
  });

  test.each<[string, string, RegExp]>([
    [
      'a query',
      "catalogue.query({ season: 'Summer' })",
      /^ +id +gender[\s\S]*The first 10 products, for [\d.]+ read units, by scan/,
    ],
    [
      'a query whose value does not exist',
      "catalogue.query({ gender: 'Woman' })",
      /^No product has gender 'Woman'\. Did you mean 'Women'\?[\s\S]*\n0 products, for/,
    ],
    [
      'the catalogue, with the products that connecting has counted',
      'catalogue',
      /^Catalogue of table [\w.-]+, bucket [\w.-]+, at http:\S+: [\d,]+ products with id, gender, .*, imagePath$/,
    ],
    ['the pipeline', 'pipeline', /^Pipeline of table [\w.-]+, bucket [\w.-]+, at http:\S+$/],
    ['the values of a field', "catalogue.values('gender')", /value +products[\s\S]*Women/],
    ['a data set', 'every', /every\/: 150 rows, 150 images\n +id +gender[\s\S]*8 images\n/],
    ['a data frame, as it is filtered', 'every.metadata.filter((d) => d.id < 0)', /0 rows x 11 columns/],
    ['a grouped data frame', "every.metadata.groupby('season')", /Grouped by season: 5 groups\.$/],
    ['rows', 'every.rows.slice(0, 3)', /3 rows x 11 columns/],
    ['pictures', 'await every.sample(3)', /^3 images\n/],
    ['a picture', '(await every.sample(1))[0]', /^1 image\n/],
    [
      'a data set as a grid, a page of it',
      'show.grid(every, { limit: 40, page: 2 })',
      /^41 to 80 of 150 images; { page: 3 }/,
    ],
    ['what a promise gives', "catalogue.explain({ season: 'Fall' })", /✓ scan/],
    ['a plan', "await catalogue.explain({ season: 'Fall' })", /✓ scan/],
    ['a chart', "barFigure(every, 'season')", /^season \(150 rows\)\n/],
    ['any other chart of Plotly', "({ data: [{ type: 'violin' }], layout: {} })", /^A chart of violin$/],
    ['what says itself how', "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'me' }) })", /^me$/],
  ])('shows %s at its end', async (_, code, text) => {
    const { status, stdout, stderr, shown } = await kernel.run(code);
    expect({ status, stdout, stderr, shown }).toEqual({
      status: 'ok',
      stdout: '',
      stderr: '',
      shown: [expect.stringMatching(text)],
    });
  });

  test('says below it which value of a condition does not exist, and why nothing was found', async () => {
    const { stderr } = await kernel.run("const none = await catalogue.query({ gender: 'Woman' }).toArray();");
    expect(stderr).toBe("No product has gender 'Woman'. Did you mean 'Women'? (As of the last seeding.)\n");
    const run = await kernel.run("const run = await pipeline.run({ where: { year: 1900 }, folder: 'nothing' });");
    expect(run.stderr).toMatch(/^No product has year 1900\. The values (are|go) .*\n$/);
  });

  test('fails where a promise at its end does', async () => {
    const outcome = await kernel.run("pipeline.open('nowhere')");
    expect(outcome).toMatchObject({ status: 'error', stderr: expect.stringContaining('dataset.notFound') });
  });

  test('prints at its end what the kit has no picture of', async () => {
    expect((await kernel.run('[1, 2]')).stdout).toBe('[ 1, 2 ]\n');
    expect((await kernel.run('(await connect()).aws')).stdout).toMatch(/^AWS clients [^\n]+ at http:[^\n]+\n$/);
    expect((await kernel.run("({ data: 'mine' })")).stdout).toBe("{ data: 'mine' }\n");
    expect((await kernel.run('undefined')).stdout).toBe('');
  });

  test('reads what an earlier one has declared, also by its name alone', async () => {
    await kernel.run('const colour = 1, size = 2;');
    expect((await kernel.run('({ colour, nested: { size } })')).stdout).toBe('{ colour: 1, nested: { size: 2 } }\n');
    const swapped = 'let a = 1, b = 2;\n({ a, b = 4 } = { a: 3 } as any);\n[a, b, colour]';
    expect((await kernel.run(swapped)).stdout).toBe('[ 3, 4, 1 ]\n');
  });

  test('prints no more than 60 lines of it', async () => {
    const { stdout } = await kernel.run(
      "Object.fromEntries(every.rows.map(({ id }) => ['the row ' + id, 'some text']))",
    );
    expect(stdout.split('\n')).toHaveLength(62);
    expect(stdout).toMatch(/\n… 92 more lines; console\.log prints them\n$/);
  });

  test('may be a loop over what is read', async () => {
    const loop = "for await (const { id } of catalogue.query({}, { limit: 3 })) console.log('id', id);";
    expect(await kernel.run(loop)).toMatchObject({ status: 'ok', stdout: expect.stringMatching(/^(id \d+\n+){3}$/) });
  });

  test('says in its first output what an earlier one did not await, once', async () => {
    await kernel.run("const late = (async () => { await 0; throw new Error('nobody waited'); })();");
    const told = 'A promise that no cell awaited was rejected: Error: nobody waited';
    expect((await kernel.run('show.table([{ a: 1 }]);')).stderr).toContain(told);
    expect((await kernel.run('show.table([{ a: 1 }]);')).stderr).toBe('');
  });

  describe('stops at an interrupt, says how far it came, and leaves nothing running:', () => {
    /** Runs a cell, interrupts it where the `count`th request of an action waits, and gives what it says. */
    async function interrupted(code: string, action: Action, count: number): Promise<string> {
      const reached = door.hold(action, count);
      const running = kernel.run(code);
      await reached;
      kernel.interrupt();
      const { status, stderr } = await running;
      expect(status).toBe('error');
      expect((await kernel.run('6 * 7')).stdout).toBe('42\n');
      // What was sent before the interrupt has arrived by now.
      door.open();
      return stderr;
    }
    const said = (text: string) =>
      expect.stringMatching(new RegExp(`^PipelineError \\[cell\\.interrupted\\]: Stopped after ${text}\\n$`));

    test('a query', async () => {
      const code = 'const found = await catalogue.query({ year: { exists: true } }).toArray();';
      expect(await interrupted(code, 'Scan', 0)).toEqual(
        said('\\d+ products\\. Run the cell again to read them from the beginning\\.'),
      );
      const scans = door.passed('Scan');
      await kernel.run(code);
      expect({ scans, again: door.passed('Scan') }).toEqual({ scans: 0, again: 1 });
    });

    test('an export, which the same cell completes', async () => {
      const code = "(await pipeline.run({ where: {}, folder: 'stopped' })).rows.length";
      expect(await interrupted(code, 'CopyObject', 20)).toEqual(
        said(`\\d+ of ${products} images \\(copy\\)\\. Run the cell again to complete it: what was done is kept\\.`),
      );
      expect((await kernel.run(code)).stdout).toBe(`${products}\n`);
      expect(door.passed('CopyObject')).toBe(products - 20);
    });

    test('an augmentation, which the same cell completes', async () => {
      const code = '(await pipeline.augment(every, [resize(32, 32)])).rows.length';
      expect(await interrupted(code, 'GetImage', 80)).toEqual(
        said(`\\d+ of ${products} images \\(augment\\)\\. Run the cell again to complete it: what was done is kept\\.`),
      );
      expect((await kernel.run(code)).stdout).toBe(`${products}\n`);
      expect(door.passed('GetImage')).toBeLessThan(products);
    });

    test('an inference', async () => {
      const code = '(await pipeline.infer(every)).rows.length';
      expect(await interrupted(code, 'GetImage', 100)).toEqual(
        said(`\\d+ of ${products} images \\(infer\\)\\. Run the cell again to start over\\.`),
      );
      expect((await kernel.run(code)).stdout).toBe(`${products}\n`);
      expect(door.passed('GetImage')).toBe(products);
    });

    test.each([
      ['a scoring', 'const scored = await pipeline.score(every);', 'score'],
      ['the training of a head', "await pipeline.trainHead(every, { attribute: 'season', out: 'never' });", 'features'],
    ])('%s', async (_, code, stage) => {
      expect(await interrupted(code, 'GetImage', 100)).toEqual(
        said(`\\d+ of \\d+ images \\(${stage}\\)\\. Run the cell again to start over\\.`),
      );
      expect(door.passed('GetImage')).toBe(0);
    });

    const pause = 'await new Promise((done) => setTimeout(done, 800));';
    test.each([
      ['its rows', 'show.progress(every.rows)', 1],
      ['its images', 'every.images()', 1],
      ['a query', 'catalogue.query({ year: { exists: true } })', 1],
      // It goes on: nothing ends it.
      ["a person's own items", '(async function* () { yield* [1, 2, 3]; })()', 3],
    ])('a loop over %s, of which the next cell hears nothing', async (_, items, steps) => {
      await kernel.run('const steps: unknown[] = [];');
      const step = `steps.push(item); console.log('on'); ${pause} console.log('late');`;
      const loop = `for await (const item of ${items}) { ${step} }`;
      const stopped = await kernel.run(loop, ({ stdout }) => stdout === 'on\n' && kernel.interrupt());
      expect(stopped).toMatchObject({ status: 'error', stdout: 'on\n' });
      const next = await kernel.run(`${pause} ${pause} ${pause} console.log(steps.length);`);
      expect(next).toEqual({ status: 'ok', stdout: `${steps}\n`, stderr: '', shown: [] });
    });

    test('a loop that only computes', async () => {
      const busy = 'const end = Date.now() + 100; while (Date.now() < end);';
      const loop = `for await (const row of show.progress(every.rows)) { ${busy} console.log('on'); }`;
      const { status, stderr } = await kernel.run(loop, ({ stdout }) => stdout === 'on\n' && kernel.interrupt());
      expect({ status, stderr }).toEqual({
        status: 'error',
        stderr: said(String.raw`\d items\. Run the cell again to start over\.`),
      });
    });

    test('the wait for a job, which goes on by itself', async () => {
      await kernel.run("const job = await pipeline.run({ where: {}, folder: 'queued' }, { mode: 'queue' });");
      expect(await interrupted('await job.result();', 'GetItem', door.passed('GetItem') + 3)).toMatch(
        new RegExp(
          String.raw` Stopped.* The job \S+ goes on without this cell: run the cell again to wait for it, ` +
            String.raw`or stop it with its cancel\(\)\.\n$`,
        ),
      );
      expect((await kernel.run('(await job.progress()).state')).stdout).toBe('running\n');
    });

    test('what it still tries after that', async () => {
      const code =
        "try { await pipeline.run({ where: {}, folder: 'first' }); } catch {}\nawait pipeline.run({ where: " +
        "{}, folder: 'second' });";
      expect(await interrupted(code, 'CopyObject', 20)).toMatch(
        /^PipelineError \[cell\.interrupted\]: Stopped\. Run the cell again/,
      );
      expect(door.passed('CopyObject')).toBe(0);
    });
  });
});

test.skipIf(!jupyter)(`a cell that uses what no cell has imported says how to${reason}`, async () => {
  const kernel = startKernel({});
  const code = 'let where: Condition;\nmontage();\nrandomCrop(3, 3);\nawait pipeline.run();';
  const outcome = await kernel.run(code).finally(() => kernel.close());
  expect(outcome.stderr.split('\n')).toEqual([
    "line 1: Cannot find name 'Condition'. Add: import { Condition } from 'ml-pipeline';",
    "line 2: Cannot find name 'montage'. Run the cell that defines it first.",
    "line 3: Cannot find name 'randomCrop'. Add: import { randomCrop } from 'ml-pipeline';",
    "line 4: Cannot find name 'pipeline'. Add: import { connect } from 'ml-pipeline'; " +
      'const { pipeline } = await connect();',
    '',
  ]);
});

/** The names that src/index.ts exports. */
function exported(kind: 'type' | 'value'): string {
  const source = readFileSync('src/index.ts', 'utf8');
  const names = [...source.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, all = '', list = '']) =>
    list.split(',').flatMap((name) => (name.trim() ? [all + name.trim()] : [])),
  );
  return names
    .flatMap((name) => (name.startsWith('type ') === (kind === 'type') ? [name.replace('type ', '')] : []))
    .join(',');
}

test('a socket of the kernel can be used as soon as it is bound, without a turn of the event loop', async () => {
  const program = `
    const { Publisher, Router, Reply } = require('zeromq');
    for (const socket of [new Publisher(), new Router(), new Reply()]) {
      socket.bind('tcp://127.0.0.1:*');
      if (socket instanceof Publisher) socket.send('early');
      else socket.receive().catch(() => {});
      console.log(socket.lastEndpoint.replace(/[0-9]+$/, 'port'));
      socket.close();
    }`;
  const sockets = path.resolve('notebooks/kernels/tslab/sockets.cjs');
  const { stdout } = await execute(process.execPath, ['--require', sockets, '-e', program], { cwd: notebooks });
  expect(stdout).toBe('tcp://127.0.0.1:port\n'.repeat(3));
});
