/** What the kit uses of this package, which has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    path?: string;
  }

  export default function dynalite(options?: Options): Server;
}

declare module 'dynalite/*';
