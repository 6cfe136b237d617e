// Elementary functions of our own: Math.sin and its kin differ between engines by bits, and shared links must not. Only operations
// that IEEE 754 fixes are used: + - * / √ and comparisons, and constants. Errors are a few units in the last place.
// Source: the reductions and polynomials of FreeBSD's msun (Sun Microsystems, 1993).

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_MIDDLE = 6.077100506303966e-11;
const HALF_PI_LOW = 2.0222662487959506e-21;

export const PI = Math.PI;
export const E = Math.E;

/** Returns a polynomial of x, by its coefficients from the lowest. */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

/** Returns 2 to a whole power, exactly. */
function powerOfTwo(power: number): number {
  if (power < -1022) return powerOfTwo(power + 1000) * powerOfTwo(-1000);
  if (power > 1023) return powerOfTwo(power - 1000) * powerOfTwo(1000);
  let [result, base, left] = [1, power < 0 ? 0.5 : 2, Math.abs(power)];
  for (; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= base;
    base *= base;
  }
  return result;
}

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.79) return Number.POSITIVE_INFINITY;
  if (x < -745.2) return 0;
  const power = Math.floor(x / LN2_HIGH + 0.5);
  const high = x - power * LN2_HIGH;
  const low = power * LN2_LOW;
  const r = high - low;
  const square = r * r;
  const c =
    r -
    square *
      polynomial(
        square,
        [
          0.16666666666666602, -0.0027777777777015593, 0.00006613756321437934, -0.0000016533902205465252,
          4.1381367970572385e-8,
        ],
      );
  const value = 1 - (low - (r * c) / (2 - c) - high);
  return value * powerOfTwo(power);
}

/** Returns the natural logarithm; NaN below 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let power = 0;
  let mantissa = x;
  for (const step of [512, 64, 8, 1]) {
    const [large, small] = [powerOfTwo(step), powerOfTwo(-step)];
    for (; mantissa >= large; power += step) mantissa *= small;
    for (; mantissa < small; power -= step) mantissa *= large;
  }
  // Now from 1/2 to below 2; the series wants √½ to √2.
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    power++;
  } else if (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    power--;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const series =
    z *
    polynomial(
      z,
      [
        0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
        0.15313837699209373, 0.14798198605116586,
      ],
    );
  const half = (f * f) / 2;
  return power * LN2_HIGH - (half - (s * (half + series) + power * LN2_LOW) - f);
}

/** Returns sin and cos of x - k π / 2 and k modulo 4, for |x| up to some 10⁶; beyond, the phase loses digits. */
function reduce(x: number): readonly [sin: number, cos: number, quadrant: number] {
  const k = Math.floor(x / (PI / 2) + 0.5);
  const r = x - k * HALF_PI_HIGH - k * HALF_PI_MIDDLE - k * HALF_PI_LOW;
  const z = r * r;
  const sin =
    r +
    r *
      z *
      polynomial(
        z,
        [
          -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 0.0000027557313707070068,
          -2.5050760253406863e-8, 1.58969099521155e-10,
        ],
      );
  const cos =
    1 -
    z / 2 +
    z *
      z *
      polynomial(
        z,
        [
          0.0416666666666666, -0.001388888888887411, 0.00002480158728947673, -2.7557314351390663e-7,
          2.087572321298175e-9, -1.1359647557788195e-11,
        ],
      );
  return [sin, cos, ((k % 4) + 4) % 4];
}

export function sin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const [s, c, quadrant] = reduce(x);
  return [s, c, -s, -c][quadrant]!;
}

export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const [s, c, quadrant] = reduce(x);
  return [c, -s, -c, s][quadrant]!;
}

export function tan(x: number): number {
  return sin(x) / cos(x);
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 1e-5) return x - (x * x * x) / 3;
  const e = exp(-2 * size);
  const value = (1 - e) / (1 + e);
  return x < 0 ? -value : value;
}

/** Returns x to a power: by products where it is whole and small, else by the logarithm. */
export function pow(x: number, power: number): number {
  if (!Number.isInteger(power) || Math.abs(power) > 1024) {
    if (x === 0) return power > 0 ? 0 : Number.POSITIVE_INFINITY;
    return exp(power * log(x));
  }
  let [result, base, left] = [1, x, Math.abs(power)];
  for (; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= base;
    base *= base;
  }
  return power < 0 ? 1 / result : result;
}
