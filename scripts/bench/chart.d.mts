import type { Summary } from './summary.mjs';

export function chart(rows: readonly Summary[]): string;
