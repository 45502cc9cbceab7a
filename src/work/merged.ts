/**
 * The items of several generators as they arrive. Each generator works one item ahead; at most `atOnce` of them
 * (default: all) are under way at a time, and the next one starts where one ends.
 */
export async function* merged<T>(sources: readonly AsyncGenerator<T>[], atOnce = sources.length): AsyncGenerator<T> {
  const step = (source: AsyncGenerator<T>) => {
    const running = source.next().then((result) => ({ source, result }));
    // A rejection surfaces when it is awaited; if the consumer stops before, it must not be an unhandled one.
    running.catch(() => {});
    return running;
  };
  const waiting = sources.slice(atOnce);
  const pending = new Map(sources.slice(0, atOnce).map((source) => [source, step(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(source);
        const next = waiting.shift();
        if (next) pending.set(next, step(next));
      } else {
        pending.set(source, step(source));
        yield result.value;
      }
    }
  } finally {
    // Where the consumer stops early, the steps that still run are left to end by themselves.
    for (const [source, running] of pending) void running.catch(() => {}).then(() => source.return(undefined));
  }
}
