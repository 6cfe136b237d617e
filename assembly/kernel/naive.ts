// The definition of the products, and the reference that the fast paths must equal bit for bit. Each element is one
// sequential sum over k, and each product is rounded before it is added. In `dotsInLanes` each lane has its own sum.

import { Window } from "./window";

/** Computes C(rows, columns) += A(rows, inner) · B(inner, columns) */
export function multiply<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  sums<T>(c, a, b, rows, inner, columns, inner, 1, columns, 1, false);
}

/** Computes C(rows, columns) += A(rows, inner) · B(columns, inner)ᵀ */
export function multiplyTransposed<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32): void {
  sums<T>(c, a, b, rows, inner, columns, inner, 1, 1, inner, false);
}

/** Computes C(rows, columns) += A(inner, rows)ᵀ · B(inner, columns); `fresh` sums from +0 and does not read C. */
export function multiplyOuter<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32, fresh: bool): void {
  sums<T>(c, a, b, rows, inner, columns, 1, rows, columns, 1, fresh);
}

/** Computes C(rows, columns) -= rate · A(inner, rows)ᵀ · B(inner, columns) */
export function subtractOuter<T>(c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32, rate: f64): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum: T = 0;
      for (let k = 0; k < inner; k++) {
        const x = load<T>(a + (<usize>k * rows + i) * sizeof<T>()), y = load<T>(b + (<usize>k * columns + j) * sizeof<T>());
        sum = <T>(sum + <T>(x * y));
      }
      const at = c + (<usize>i * columns + j) * sizeof<T>();
      store<T>(at, <T>(load<T>(at) - <T>(<T>rate * sum)));
    }
  }
}

/** Computes sums. Steps are in elements: of A along rows and along k, of B along k and along columns. */
function sums<T>(
  c: usize, a: usize, b: usize, rows: i32, inner: i32, columns: i32,
  aRow: i32, aStep: i32, bStep: i32, bColumn: i32, fresh: bool
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = c + (<usize>i * columns + j) * sizeof<T>();
      let sum = fresh ? <T>0 : load<T>(at);
      for (let k = 0; k < inner; k++) {
        const x = load<T>(a + (<usize>i * aRow + <usize>k * aStep) * sizeof<T>());
        const y = load<T>(b + (<usize>k * bStep + <usize>j * bColumn) * sizeof<T>());
        sum = <T>(sum + <T>(x * y));
      }
      store<T>(at, sum);
    }
  }
}

/** Computes C(columns) += a(inner) · B(columns, inner)ᵀ for whole lanes: a sum for each lane, joined in pairs. */
export function dotsInLanes<T>(c: usize, a: usize, b: usize, inner: i32, columns: i32): void {
  const width = 16 / <i32>sizeof<T>();
  for (let j = 0; j < columns; j++) {
    const sums = new StaticArray<T>(width);
    for (let k = 0; k < inner; k++) {
      const x = load<T>(a + <usize>k * sizeof<T>()), y = load<T>(b + <usize>(j * inner + k) * sizeof<T>());
      sums[k % width] = <T>(sums[k % width] + <T>(x * y));
    }
    for (let half = width / 2; half > 0; half /= 2) {
      for (let l = 0; l < half; l++) sums[l] = <T>(sums[l] + sums[l + half]);
    }
    const to = c + <usize>j * sizeof<T>();
    store<T>(to, <T>(load<T>(to) + sums[0]));
  }
}

/** Computes small += conv(big). small, big: (rows, positions, channels) */
export function convolve<T>(w: Window, small: usize, big: usize, weights: usize, rows: i32): void {
  taps<T>(w, 0, small, big, weights, rows);
}

/** Computes big += convᵀ(small) */
export function convolveBack<T>(w: Window, big: usize, small: usize, weights: usize, rows: i32): void {
  taps<T>(w, 1, small, big, weights, rows);
}

/** Adds the gradient of the weights (taps, channels of big in a group, channels of small). */
export function convolveOuter<T>(w: Window, out: usize, big: usize, small: usize, rows: i32, fresh: bool): void {
  const near = w.bigChannels / w.groups;
  if (fresh) memory.fill(out, 0, <usize>(w.kernelHeight * w.kernelWidth * near * w.smallChannels) * sizeof<T>());
  taps<T>(w, 2, small, big, out, rows);
}

/** Adds each product to the small end (0), the big end (1) or the weights (2). Their orders of sums are this loop's. */
function taps<T>(w: Window, to: i32, small: usize, big: usize, weights: usize, rows: i32): void {
  const near = w.bigChannels / w.groups, far = w.smallChannels / w.groups;
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < w.kernelHeight; t++) {
      for (let s = 0; s < w.kernelWidth; s++) {
        for (let y = 0; y < w.smallHeight; y++) {
          for (let x = 0; x < w.smallWidth; x++) {
            const bigY = y * w.strideHeight + t * w.dilationHeight - w.top;
            const bigX = x * w.strideWidth + s * w.dilationWidth - w.left;
            if (bigY < 0 || bigY >= w.bigHeight || bigX < 0 || bigX >= w.bigWidth) continue;
            for (let o = 0; o < w.smallChannels; o++) {
              for (let i = 0; i < near; i++) {
                const pixel = (row * w.bigHeight + bigY) * w.bigWidth + bigX;
                const a = big + <usize>(pixel * w.bigChannels + o / far * near + i) * sizeof<T>();
                const b = weights + <usize>(((t * w.kernelWidth + s) * near + i) * w.smallChannels + o) * sizeof<T>();
                const c = small + <usize>(((row * w.smallHeight + y) * w.smallWidth + x) * w.smallChannels + o) * sizeof<T>();
                if (to == 0) increase<T>(c, a, b);
                else if (to == 1) increase<T>(a, b, c);
                else increase<T>(b, a, c);
              }
            }
          }
        }
      }
    }
  }
}

/** Adds a product of two numbers to a third. */
function increase<T>(c: usize, a: usize, b: usize): void {
  store<T>(c, <T>(load<T>(c) + <T>(load<T>(a) * load<T>(b))));
}
