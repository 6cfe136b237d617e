// A canvas that is drawn with each frame, at the resolution of the screen.

import { onBeforeUnmount, onMounted, type ShallowRef, watch } from "vue";
import type { Frame } from "../../worker/message.ts";
import { type Palette, palette } from "../palette.ts";
import { useStore } from "../store.ts";

export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly colors: Palette;
  readonly frame: Frame | undefined;
}

/** Draws a canvas with each frame, when it is resized, and when one of the sources changes. */
export function useSheet(
  canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>,
  draw: (sheet: Sheet) => void,
  sources: () => unknown = () => undefined,
): void {
  const store = useStore();
  let width = 0;
  let height = 0;
  const paint = () => {
    const element = canvas.value;
    if (element === null || width === 0) return;
    const scale = Math.max(1, window.devicePixelRatio);
    const context = element.getContext("2d")!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw({ context, width, height, colors: palette(), frame: store.frames.latest });
  };
  let observer: ResizeObserver | undefined;
  let end = () => {};
  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      const element = canvas.value;
      if (element === null || entry === undefined) return;
      ({ width, height } = entry.contentRect);
      const scale = Math.max(1, window.devicePixelRatio);
      element.width = Math.round(width * scale);
      element.height = Math.round(height * scale);
      paint();
    });
    observer.observe(canvas.value!);
    end = store.frames.listen(paint);
  });
  onBeforeUnmount(() => {
    end();
    observer?.disconnect();
  });
  watch(sources, () => store.frames.redraw());
}
