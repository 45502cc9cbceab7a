// Runs scripts one after the other in this process, which loads the kit once. Reads [[name, …arguments], …] as its
// argument, and prints what each printed and its exit status, as JSON.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [node = '', , commands = '[]'] = process.argv;
const print = process.stdout.write.bind(process.stdout);
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
const outcomes = [];
for (const [i, [name, ...args]] of JSON.parse(commands).entries()) {
  const script = path.resolve(`scripts/${name}.mjs`);
  const printed = { stdout: '', stderr: '' };
  for (const stream of /** @type {const} */ (['stdout', 'stderr']))
    process[stream].write = (/** @type {string | Uint8Array} */ some) => {
      printed[stream] += some;
      return true;
    };
  process.argv = [node, script, ...args];
  process.exitCode = 0;
  await import(`${pathToFileURL(script)}?${i}`);
  outcomes.push({ status: process.exitCode, ...printed });
}
print(JSON.stringify(outcomes));
process.exit(0);
