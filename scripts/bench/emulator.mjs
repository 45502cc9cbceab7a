// The embedded emulator on a free port; prints its endpoint.
import { startEmulator } from '../../localstack/emulator.mjs';

console.log((await startEmulator({ port: 0 })).endpoint);
