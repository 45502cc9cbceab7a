// The proxy in a process of its own. usage: node delay.mjs UPSTREAM MILLISECONDS; prints its endpoint.
import { startProxy } from './proxy.mjs';

const [upstream = '', milliseconds] = process.argv.slice(2);
console.log((await startProxy(upstream, Number(milliseconds))).endpoint);
