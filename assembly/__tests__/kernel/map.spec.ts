import { approach } from "../../kernel/map";
import { alloc, free } from "../../memory";

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

/** Compares every count of numbers with scalar arithmetic, and checks that numbers behind them stay. */
function plain<T>(share: f64): void {
  for (let count = 1; count < 12; count++) {
    const y = alloc(16 * sizeof<T>()), x = alloc(16 * sizeof<T>());
    for (let i = 0; i < 16; i++) {
      put<T>(y, i, <f64>((i * 37) % 29) / 7 - 2);
      put<T>(x, i, <f64>((i * 11) % 13) / 3);
    }
    approach<T>(y, x, count, share);
    for (let i = 0; i < 16; i++) {
      const from = <T>(<f64>((i * 37) % 29) / 7 - 2), to = <T>(<f64>((i * 11) % 13) / 3);
      const next = share == 1 ? to : <T>(from + <T>(<T>share * <T>(to - from)));
      expect<f64>(get<T>(y, i)).toBe(<f64>(i < count ? next : from), `number ${i} of ${count} for ${share}`);
    }
    free(y);
    free(x);
  }
}

function far<T>(largest: f64, bound: f64): void {
  const y = alloc(16), x = alloc(16);
  for (let tenth = 0; tenth <= 10; tenth++) {
    const share = <f64>tenth / 10;
    put<T>(y, 0, -largest);
    put<T>(x, 0, largest);
    put<T>(y, 1, 1);
    put<T>(x, 1, 3);
    approach<T>(y, x, 2, share);
    expect<bool>(Math.abs(get<T>(y, 0) / largest - (2 * share - 1)) <= bound).toBe(true, `${share} of the way`);
    expect<bool>(Math.abs(get<T>(y, 1) - (1 + 2 * share)) <= 4 * bound).toBe(true);
  }
  free(y);
  free(x);
}

describe("approach", () => {
  it("goes a share of the way, and all of it exactly", () => {
    const shares: StaticArray<f64> = [0, 0.005, 0.5, 0.9999, 1];
    for (let i = 0; i < shares.length; i++) {
      plain<f64>(shares[i]);
      plain<f32>(shares[i]);
    }
  });

  it("stays finite between any finite numbers", () => {
    far<f64>(f64.MAX_VALUE, 1e-15);
    far<f32>(<f64>f32.MAX_VALUE, 2e-7);
  });

  it("leaves equal numbers as they are", () => {
    const y = alloc(32);
    put<f64>(y, 0, 0.1);
    put<f64>(y, 1, -1e-320);
    memory.copy(y + 16, y, 16);
    approach<f64>(y, y + 16, 2, 0.3);
    expect<f64>(get<f64>(y, 0)).toBe(0.1);
    expect<f64>(get<f64>(y, 1)).toBe(-1e-320);
    free(y);
  });
});
