export function startProxy(upstream: string, milliseconds: number): Promise<{ endpoint: string; close(): void }>;
