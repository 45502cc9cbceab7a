export function run(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; signal: AbortSignal },
): Promise<string>;
