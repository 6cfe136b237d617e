// Finds whether a new synapse would close a loop, in about √m steps for m synapses: Bender, Fineman, Gilbert, Tarjan, "A new
// approach to incremental cycle detection and related problems", ACM Transactions on Algorithms 12(2), 2016.
//
// Each layer has a level, and no synapse leads to a lower one. So a loop lies on one level, and the search backward from a new
// synapse's source stays there. After √m steps it stops: the target is then raised a level, with all descendants below it.
// Removing a synapse keeps all levels valid. Synapses with a delay don't count: loops may have them.

/** The fields of a layer that the search uses. */
interface Node {
  level: number;
  /** The sources of incoming synapses on the same level, once for each synapse. */
  near: Node[];
  /** The last search that visited it. */
  search: number;
  readonly incoming: readonly { readonly from: Node; readonly delay: number }[];
  readonly outgoing: readonly { readonly to: Node; readonly delay: number }[];
}

export class Levels {
  #searches = 0;

  /** Returns whether a path leads from `to` to `from`, in a graph of so many `synapses`. Raises levels if it doesn't. */
  closes(from: Node, to: Node, synapses: number): boolean {
    if (from === to) return true;
    if (from.level < to.level) return false;
    if (to.outgoing.length === 0) {
      if (to.level < from.level) [to.level, to.near] = [from.level, []];
      return false;
    }
    const search = ++this.#searches;
    const limit = Math.max(16, Math.sqrt(synapses));
    const isWhole = backward(from, search, limit);
    if (to.search === search) return true;
    if (isWhole && to.level === from.level) return false;
    if (isWhole) return forward(to, from.level, search);
    from.search = ++this.#searches;
    return forward(to, from.level + 1, from.search);
  }

  /** Follows the addition of a synapse without a delay. */
  join(from: Node, to: Node): void {
    if (from.level === to.level) to.near.push(from);
  }

  /** Follows the removal of synapses into a layer. */
  part(target: Node): void {
    target.near = target.incoming
      .filter(({ from, delay }) => delay === 0 && from.level === target.level)
      .map(({ from }) => from);
  }
}

/** Marks the ancestors of a layer on its level. Returns whether that took fewer than `limit` steps. */
function backward(from: Node, search: number, limit: number): boolean {
  const open = [from];
  from.search = search;
  let steps = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const source of node.near) {
      if (++steps >= limit) return false;
      if (source.search === search) continue;
      source.search = search;
      open.push(source);
    }
  }
  return true;
}

/** Raises a layer and its descendants. Returns whether a marked one is among them, and then changes nothing. */
function forward(to: Node, level: number, search: number): boolean {
  const raised = [{ node: to, level: to.level, near: to.near }];
  const neighbours: Node[] = [];
  [to.level, to.near] = [level, []];
  const open = [to];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { to: next, delay } of node.outgoing) {
      if (delay !== 0) continue;
      if (next.search === search) {
        for (const { near } of neighbours.reverse()) near.pop();
        for (const { node: layer, ...before } of raised) Object.assign(layer, before);
        return true;
      }
      if (next.level === level) {
        next.near.push(node);
        neighbours.push(next);
      } else if (next.level < level) {
        raised.push({ node: next, level: next.level, near: next.near });
        [next.level, next.near] = [level, [node]];
        open.push(next);
      }
    }
  }
  return false;
}
