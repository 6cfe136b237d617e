// A canvas that is drawn with each frame, at the resolution of the screen.

import { onBeforeUnmount, onMounted, type ShallowRef, watch } from "vue";
import type { Frame } from "../worker/message.ts";
import { type Palette, palette } from "./palette.ts";
import { useStore } from "./store.ts";

export interface Sheet {
  /** Empty, in the units of the page. */
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly colors: Palette;
  readonly frame: Frame | undefined;
}

/**
 * Draws a canvas with each frame, or with each `every`-th one, when it is resized, and when one of the sources changes. Returns
 * the function that draws it at once.
 */
export function useSheet(
  canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>,
  draw: (sheet: Sheet) => void,
  sources: () => unknown = () => undefined,
  every = 1,
): () => void {
  const store = useStore();
  let width = 0;
  let height = 0;
  const paint = () => {
    const element = canvas.value;
    if (element === null || width === 0) return;
    const scale = Math.max(1, window.devicePixelRatio);
    // A zoom of the page changes the resolution and not the size.
    const [wide, tall] = [Math.round(width * scale), Math.round(height * scale)];
    if (element.width !== wide || element.height !== tall) {
      element.width = wide;
      element.height = tall;
    }
    const context = element.getContext("2d")!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw({ context, width, height, colors: palette(), frame: store.frames.latest });
  };
  let observer: ResizeObserver | undefined;
  let end = () => {};
  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      ({ width, height } = entry.contentRect);
      paint();
    });
    observer.observe(canvas.value!);
    end = store.frames.listen(paint, every);
  });
  onBeforeUnmount(() => {
    end();
    observer?.disconnect();
  });
  watch(sources, () => store.frames.redraw());
  return paint;
}
