// Topological order.

/**
 * Sorts some ends and all their ancestors, each after its sources, which `before` returns. Its stack is an array, so that
 * memory alone bounds the depth.
 */
export function ordered<T>(ends: Iterable<T>, before: (one: T, end: T) => readonly T[]): T[] {
  const order: T[] = [];
  const seen = new Set<T>();
  for (const end of ends) {
    const stack: { one: T; sources: readonly T[]; next: number }[] = [];
    const enter = (one: T) => {
      if (seen.has(one)) return;
      seen.add(one);
      stack.push({ one, sources: before(one, end), next: 0 });
    };
    enter(end);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next < top.sources.length) enter(top.sources[top.next++]!);
      else order.push(stack.pop()!.one);
    }
  }
  return order;
}
