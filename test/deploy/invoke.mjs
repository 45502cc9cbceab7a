// Does with an unpacked zip what Lambda does: node invoke.mjs FOLDER < [{ event, milliseconds }, …]
// prints what the handler answers, and how long its import and each event took, in milliseconds.
import { writeSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** @type {{ event: object, milliseconds: number }[]} */
const invocations = JSON.parse(await text(process.stdin));
const [, , folder = ''] = process.argv;
const clock = () => Math.round(performance.now());
const begun = clock();
const { handler } = await import(pathToFileURL(path.join(folder, 'dist/index.mjs')).href);
/** @type {{ start: number, import: number, events: number[] }} */
const times = { start: begun, import: clock() - begun, events: [] };
const answers = [];
for (const { event, milliseconds } of invocations) {
  const from = clock();
  answers.push(await handler(event, { getRemainingTimeInMillis: () => milliseconds }));
  times.events.push(clock() - from);
}
writeSync(1, JSON.stringify({ answers, times }));
// Open connections do not keep Lambda, either.
process.exit();
