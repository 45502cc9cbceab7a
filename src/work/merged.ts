/** What several sources give, as it comes, each one step ahead. */
export async function* merged<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const step = (source: AsyncGenerator<T>) => {
    const running = source.next().then((result) => ({ source, result }));
    // Heard of when it is awaited, unless the reader has left by then.
    running.catch(() => {});
    return running;
  };
  const pending = new Map(sources.map((source) => [source, step(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(source);
      } else {
        pending.set(source, step(source));
        yield result.value;
      }
    }
  } finally {
    // What still runs when the reader leaves early ends in its own time; its outcome is nobody's any more.
    for (const [source, running] of pending) void running.catch(() => {}).then(() => source.return(undefined));
  }
}
