import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureBucket } from '../../src/aws/bucket.js';
import { clients } from '../../src/aws/clients.js';
import { putBytes } from '../../src/aws/put-object.js';
import { loadModel } from '../../src/model/index.js';
import { testServer, uniqueName } from '../server.js';
import { expected, graphNet } from './graph.js';
import { artifactsOf, cardOf, layersNet, noise, writeModel } from './nets.js';

let folder: string;
let network: Awaited<ReturnType<typeof artifactsOf>>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sources-'));
  network = await artifactsOf(layersNet());
  await writeModel(folder, network, cardOf({ embedding: 'features' }));
});
afterEach(() => rm(folder, { recursive: true }));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A web server on a free port of this machine; gives its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
}

/** Serves the folder below /models/small; `before` may answer first, by ending the response. */
const serveFolder = (before: RequestListener = () => {}) =>
  serve(async (request, response) => {
    await before(request, response);
    if (response.writableEnded || response.headersSent) return;
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const bytes = await readFile(path.join(folder, decodeURIComponent(pathname).replace('/models/small', ''))).catch(
      () => undefined,
    );
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });

const fingerprintOf = async (...args: Parameters<typeof loadModel>): Promise<string> => {
  const model = await loadModel(...args);
  model.dispose();
  return model.fingerprint;
};

/** Changes a text of one of the folder's files. */
async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path.join(folder, name), 'utf8');
  expect(text.replace(from, to)).not.toBe(text);
  await writeFile(path.join(folder, name), text.replace(from, to));
}

describe('a model of several files', () => {
  it('is the same from a folder, from S3 and over the web, by its model.json or a redirection too', async () => {
    const local = await fingerprintOf(folder);
    const server = await testServer();
    const bucket = uniqueName('models');
    const { s3 } = clients({ env: server.env });
    await ensureBucket({ s3, bucket });
    for (const name of await readdir(folder))
      await putBytes({ s3, bucket }, `some/model/${name}`, await readFile(path.join(folder, name)), {
        type: 'application/octet-stream',
      });
    expect(await fingerprintOf(`s3://${bucket}/some/model`, { s3 })).toBe(local);
    s3.destroy();
    await server.close();

    const web = await serveFolder();
    const elsewhere = await serve(
      ({ url }, response) => void response.writeHead(302, { location: `${web}${url}` }).end(),
    );
    for (const address of [
      `${web}/models/small`,
      `${web}/models/small/`,
      `${web}/models/small/model.json`,
      `${elsewhere}/models/small`,
    ]) {
      const model = await loadModel(address);
      expect([model.fingerprint, model.source]).toEqual([local, address]);
      model.dispose();
    }
  });

  it('is the same by the addresses that TensorFlow.js takes, a percent sign in the path or not', async () => {
    const local = await fingerprintOf(folder);
    const odd = path.join(folder, '100% of a#b?c');
    await mkdir(odd);
    for (const name of await readdir(folder))
      if (/\.(json|bin)$/.test(name)) await cp(path.join(folder, name), path.join(odd, name));
    await rename(path.join(odd, 'model.json'), path.join(odd, 'net 2.json'));
    for (const source of [
      `${folder}/`,
      `${folder}/model.json`,
      `file://${folder}/model.json`,
      `file://${path.relative('.', folder)}`,
      path.join(odd, 'net 2.json'),
      `file://${odd}/net 2.json`,
      pathToFileURL(path.join(odd, 'net 2.json')).href,
    ])
      expect(await fingerprintOf(source)).toBe(local);
    for (const source of ['indexeddb://mine', 'gs://bucket/mine'])
      await expect(loadModel(source)).rejects.toMatchObject({ code: 'model.badUrl', value: source });
  });

  it('asks for each file with the query of the address', async () => {
    const web = await serveFolder(
      ({ url = '' }, response) => void (url.endsWith('?key=1') || response.writeHead(403).end()),
    );
    expect(await fingerprintOf(`${web}/models/small?key=1`)).toBe(await fingerprintOf(folder));
    await expect(loadModel(`${web}/models/small`)).rejects.toMatchObject({
      code: 'model.notFound',
      message: expect.stringContaining('HTTP 403'),
    });
  });

  it('is fetched some files at a time', async () => {
    await writeModel(folder, network, cardOf(), 8);
    let [now, most, files] = [0, 0, 0];
    const web = await serveFolder(async () => {
      files++;
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
    });
    await fingerprintOf(`${web}/models/small`);
    expect(files).toBeGreaterThan(50);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('changes its fingerprint with the activation, the scale and the embedding', async () => {
    const before = await fingerprintOf(folder);
    const cards = [
      cardOf({ embedding: 'features', activation: 'softmax' }),
      cardOf({ embedding: 'features', input: { scale: 1 } }),
      cardOf({ embedding: 'map' }),
    ];
    const after = [];
    for (const card of cards) {
      await writeFile(path.join(folder, 'pipeline.json'), JSON.stringify(card));
      after.push(await fingerprintOf(folder));
    }
    expect(new Set([before, ...after]).size).toBe(4);
  });
});

describe('the web', () => {
  const rejection = (source: string) => expect(loadModel(source)).rejects;

  it('is not trusted in the clear, be it at once or after a redirection', async () => {
    await rejection('http://models.example.com/small').toMatchObject({
      code: 'model.insecureUrl',
      message: expect.stringContaining('https://'),
    });
    const web = await serveFolder();
    // Another name of this machine, and none of those that are taken for it.
    const elsewhere = await serve(
      ({ url }, response) =>
        void response.writeHead(302, { location: `${web.replace('127.0.0.1', '0.0.0.0')}${url}` }).end(),
    );
    await rejection(`${elsewhere}/models/small`).toMatchObject({
      code: 'model.insecureUrl',
      message: expect.stringContaining('0.0.0.0'),
    });
    await rejection('https://').toMatchObject({ code: 'model.badUrl' });
  });

  it('names the file that is missing, and what answers instead of it', async () => {
    const web = await serveFolder();
    await rm(path.join(folder, 'group1-shard2.bin'));
    await rejection(`${web}/models/small`).toMatchObject({
      code: 'model.notFound',
      message: expect.stringMatching(/group1-shard2\.bin.*HTTP 404/),
    });
    await rejection(`${web}/models/other`).toMatchObject({
      code: 'model.notFound',
      message: expect.stringMatching(/no model.*model\.json.*HTTP 404/),
    });
    const pages = await serve((_, response) => void response.end('<!doctype html><title>Welcome</title>'));
    await rejection(pages).toMatchObject({
      code: 'model.malformed',
      message: expect.stringMatching(/model\.json.*web page/),
    });
  });

  it('is read to the end that a file may have, not further', async () => {
    let sent = 0;
    const endless: RequestListener = (_, response) => {
      const chunk = Buffer.alloc(2 ** 20, ' ');
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent++;
      };
      response.on('drain', more);
      more();
    };
    const ending = (end: string) =>
      serveFolder((request, response) => {
        if (request.url?.endsWith(end)) endless(request, response);
      });
    for (const [end, most] of [
      ['model.json', 64],
      ['group1-shard2.bin', 1],
    ] as const) {
      sent = 0;
      await rejection(`${await ending(end)}/models/small`).toMatchObject({
        code: 'model.tooLarge',
        message: expect.stringMatching(new RegExp(`${end} has more than [\\d,]+ bytes`)),
      });
      expect(sent).toBeLessThan(most + 32);
    }
  });

  it('says that it cannot be reached, or does not answer now', async () => {
    const gone = await serve(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await rejection(`${gone}/small`).toMatchObject({
      code: 'model.unreachable',
      message: expect.stringMatching(/small\/model\.json.*ECONNREFUSED.*Check the address/),
    });
    const broken = await serve((_, response) => void response.writeHead(503).end());
    await rejection(`${broken}/small`).toMatchObject({
      code: 'model.unreachable',
      message: expect.stringContaining('HTTP 503'),
    });
  });

  it.each([
    ['no answer', () => {}],
    ['the beginning of one', (_, response) => void response.writeHead(200).write('{')],
  ] satisfies [string, RequestListener][])(
    'says so of a server that accepts the request and gives %s',
    async (_, answer) => {
      let asked = () => {};
      const arrived = new Promise<void>((resolve) => (asked = resolve));
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const silent = await serve((request, response) => {
        answer(request, response);
        setImmediate(asked);
      });
      const refused = rejection(`${silent}/small`).toMatchObject({
        code: 'model.unreachable',
        message: expect.stringMatching(/cannot be fetched \(no answer for 10 s\).*Check the address/),
      });
      await arrived;
      vi.advanceTimersByTime(10_000);
      vi.useRealTimers();
      await refused;
    },
  );
});

describe('a folder that is no model of TensorFlow.js', () => {
  it.each([
    ['saved_model.pb', 'tf_saved_model'],
    ['mine.h5', '--input_format=keras'],
    ['mine.keras', 'model.export'],
  ])('(but has %s) gets told how to make it one', async (name, remedy) => {
    await rm(path.join(folder, 'model.json'));
    await writeFile(path.join(folder, name), '');
    for (const source of [folder, path.join(folder, name)]) {
      await expect(loadModel(source)).rejects.toMatchObject({
        code: 'model.otherFormat',
        message: expect.stringMatching(new RegExp(`${name}.*${remedy}`)),
      });
    }
  });

  it('(but has no pipeline.json) gets shown one', async () => {
    await rm(path.join(folder, 'pipeline.json'));
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model.notFound',
      message: expect.stringMatching(/pipeline\.json.*"labels"/),
    });
  });
});

describe('what does not fit', () => {
  const rejects = (code: string, message: RegExp) =>
    expect(loadModel(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });

  it.each(['../secret.bin', '/etc/hostname', 'https://elsewhere/a.bin', 'a\\\\..\\\\b.bin'])(
    '(weights in %s) is not read',
    async (name) => {
      await edit('model.json', './group2-shard1.bin', name);
      await rejects('model.malformed', /model\.json.*not the relative path of a file beside it/);
    },
  );

  it('(a file cut short) is named with its size', async () => {
    await truncate(path.join(folder, 'group1-shard5.bin'), 1);
    await rejects('model.weightsMismatch', /group1-shard5\.bin \(1 bytes\)/);
  });

  it('(a type of weights that there is not) is named', async () => {
    await edit('model.json', /("weights":\[{"name":"[^"]+","shape":[^\]]+\],"dtype":)"float32"/, '$1"float64"');
    await rejects('model.malformed', /float64/);
  });

  it('(images of another size or order) is told in numbers', async () => {
    await writeModel(folder, network, cardOf({ input: { width: 12 } }));
    await rejects('model.inputMismatch', /8x6x3.*8x12x3/);
    await writeModel(folder, network, cardOf({ input: { layout: 'nchw' } }));
    await rejects('model.inputMismatch', /8x6x3.*3x8x6/);
  });

  it('(attributes and outputs) is told by their names', async () => {
    const labels = ['a', 'b', 'c'];
    await writeModel(folder, graphNet(), cardOf());
    await rejects('model.outputsMismatch', /probabilities.*logits.*kind/);
    await writeModel(folder, graphNet(), cardOf({ attributes: [{ name: 'kind', labels, output: 'probability' }] }));
    await rejects('model.outputsMismatch', /"output": "probability"/);
    await writeModel(
      folder,
      graphNet(),
      cardOf({ attributes: [{ name: 'kind', labels: ['a', 'b'], output: 'probabilities' }] }),
    );
    await rejects('model.labelsMismatch', /3 for kind.*2 labels/);
  });

  it('(an embedding) is told with the name that was meant, or what it gives instead', async () => {
    await writeModel(folder, network, cardOf({ embedding: 'feature' }));
    await rejects('model.badEmbedding', /'feature'.*Did you mean 'features'/);
    await writeModel(
      folder,
      graphNet(),
      cardOf({ embedding: 'axes', attributes: [{ name: 'kind', labels: ['a', 'b', 'c'], output: 'probabilities' }] }),
    );
    await rejects('model.badEmbedding', /'axes'/);
  });

  it('(two outputs by their names, in any order) is what fits', async () => {
    const two = ['a', 'b', 'c'];
    const net = graphNet();
    net.modelTopology.node.push({
      name: 'second',
      op: 'Softmax',
      input: ['features'],
      attr: { T: { type: 'DT_FLOAT' } },
    });
    const outputs = { ...net.signature.outputs, second: { name: 'second:0' } };
    await writeModel(
      folder,
      { ...net, ...{ signature: { ...net.signature, outputs } } },
      cardOf({
        attributes: [
          { name: 'other', labels: [...two, 'd'], output: 'second' },
          { name: 'kind', labels: two, output: 'probabilities' },
        ],
      }),
    );
    const model = await loadModel(folder);
    const [image] = await noise(1);
    const [prediction] = await model.predict([image?.png ?? new Uint8Array()]);
    const { probabilities } = expected(Float32Array.from(image?.rgb ?? [], (value) => value / 127.5 - 1));
    expect(prediction).toMatchObject({
      kind: { confidence: expect.closeTo(Math.max(...probabilities), 5) },
      other: { label: expect.stringMatching(/^[abcd]$/) },
    });
    model.dispose();
  });
});
