// A proxy before a mock of AWS that answers each request so many milliseconds later, as AWS does, and counts them.
// usage: node delay.mjs UPSTREAM MILLISECONDS; prints its endpoint. GET /-/counts gives and resets the counts.
import http from 'node:http';

const [upstream, delay] = [new URL(process.argv[2]), Number(process.argv[3])];
const agent = new http.Agent({ keepAlive: true });
let counts = {};
/** Of the catalogue, on the average: a scan of 44,441 products reads 1,655 units, and 39,930 1,335. */
const bytesOfItem = 274;

const server = http.createServer(async (request, response) => {
  const { method, url, headers } = request;
  if (url === '/-/counts') {
    response.end(JSON.stringify(counts));
    counts = {};
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const target = headers['x-amz-target']?.split('.')[1];
  if (target) countItems(target, body);
  else count(kindOf(request));
  setTimeout(() => {
    const onward = http.request({ hostname: upstream.hostname, port: upstream.port, method, path: url, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      if (target === 'Query' || target === 'Scan') countPage(answer);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }, delay);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

function count(name, amount = 1) {
  counts[name] = (counts[name] ?? 0) + amount;
}

/** What S3's price list tells apart: writes and lists, reads, and what is free. */
function kindOf({ method, url }) {
  if (method === 'DELETE' || /[?&]delete/.test(url)) return 'free';
  const lists = /[?&](list-type|prefix|location)/.test(url);
  return method === 'HEAD' || (method === 'GET' && !lists) ? 'S3.read' : 'S3.write';
}

/** A write unit for each item, up to a kilobyte, in the table and in each of its three indexes. */
function countItems(target, body) {
  if (target === 'PutItem') count('writeUnit', 4);
  if (target === 'BatchWriteItem') count('writeUnit', 4 * Object.values(JSON.parse(body).RequestItems).flat().length);
}

/** Half a read unit for every 4 KB read; of a filtered page DynamoDB tells only how many items it read. */
function countPage(answer) {
  const chunks = [];
  answer.on('data', (chunk) => chunks.push(chunk));
  answer.on('end', () => {
    const { ScannedCount = 0 } = JSON.parse(Buffer.concat(chunks));
    count('readUnit', Math.ceil((ScannedCount * bytesOfItem) / 4096) / 2);
  });
}
