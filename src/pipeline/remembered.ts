/** Objects that stay known as long as somebody else uses them: they take no memory of their own. */
export function remembered<T extends object>(): { add(one: T): void; all(): T[] } {
  let known: WeakRef<T>[] = [];
  const all = () => known.flatMap((one) => one.deref() ?? []);
  return {
    all,
    add(one) {
      known = [...all(), one].map((each) => new WeakRef(each));
    },
  };
}
