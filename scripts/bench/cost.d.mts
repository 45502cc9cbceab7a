export function costOf(counts: Readonly<Record<string, number>>): number;
