import type { Summary } from './summary.mjs';

export function stageTables(rows: readonly Summary[]): string[];
