// Facts of a synapse's weights for the inspector, a few times a second.

import { onBeforeUnmount, onMounted, shallowRef, watch } from "vue";
import { useStore } from "../store.ts";

export interface WeightFacts {
  readonly has: boolean;
  readonly count: number;
  readonly mean: number;
  readonly rms: number;
}

const EVERY = 150;

/** Calls back with frames, at most once in 150 ms, and after changes of a source. */
export function useSlowly(draw: () => void, source: () => unknown): void {
  const store = useStore();
  let drawn = 0;
  let late = 0;
  const soon = () => {
    const now = performance.now();
    clearTimeout(late);
    if (now - drawn >= EVERY) {
      drawn = now;
      draw();
    } else late = window.setTimeout(soon, EVERY);
  };
  let end = () => {};
  onMounted(() => {
    draw();
    end = store.frames.listen(soon);
  });
  onBeforeUnmount(() => {
    end();
    clearTimeout(late);
  });
  watch(source, draw);
}

/** Returns facts of the weights of a synapse, which follow the training. */
export function useWeights(index: () => number) {
  const store = useStore();
  const facts = shallowRef<WeightFacts>({ has: false, count: 0, mean: 0, rms: 0 });
  useSlowly(() => {
    const weights = store.frames.latest?.weights[index()];
    const count = weights?.length ?? 0;
    let [sum, squares] = [0, 0];
    for (const weight of weights ?? []) {
      sum += weight;
      squares += weight * weight;
    }
    facts.value = { has: count > 0, count, mean: sum / count, rms: Math.sqrt(squares / count) };
  }, index);
  return facts;
}
