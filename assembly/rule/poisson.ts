// Poisson's loss y - t ln y, value beside derivative, and its joint forms with activations that come near 0 without reaching
// it. Joint forms compute ln y from the pre-activation z. In float32, y below 1e-38 has few digits and t / y overflows, but the
// derivative by z is still about -t. The logarithm is bounded below by -100, as in entropy.ts.

import { exp } from "../lane/exp";
import { either, one, sign } from "../lane/lane";
import { log1pUnit } from "../lane/log";
import { sigmoid } from "../lane/tanh";
import { boundedLog } from "./entropy";

const FLOOR64 = memory.data<f64>([-100]), FLOOR32 = memory.data<f32>([-100]);

/** Smallest divisor of t: e^-100. */
const LEAST64 = memory.data<f64>([3.7e-44]), LEAST32 = memory.data<f32>([3.7e-44]);
/** Divisor of t where y is 0, and relu's derivative is 0, too: the quotient is still finite. */
const NONE64 = memory.data<f64>([3.7e-44]), NONE32 = memory.data<f32>([1e-30]);

/** y - t ln y; 1 - t / y */
@unmanaged @final
export class Poisson {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 { return cost<T>(y, t, boundedLog<T>(y)); }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const bounded = v128.max<T>(y, either<T>(LEAST64, LEAST32));
    const divisor = v128.bitselect(either<T>(NONE64, NONE32), bounded, v128.le<T>(y, v128.splat<T>(0)));
    return v128.sub<T>(one<T>(), v128.div<T>(t, divisor));
  }
}

/** On exp, where ln y is z: y - t z; y - t */
@unmanaged @final
export class PoissonOnExp {
  @inline value<T>(z: v128, y: v128, t: v128, _a: v128): v128 { return cost<T>(y, t, z); }
  @inline slope<T>(z: v128, y: v128, t: v128, _a: v128): v128 {
    return v128.sub<T>(y, v128.mul<T>(t, share<T>(z)));
  }
}

// Below these bounds ln(1 + e^z) is e^z, and its logarithm z.
const LOW64 = memory.data<f64>([-40]), LOW32 = memory.data<f32>([-20]);

/** On softplus, where y' is σ(z): y - t ln y; σ(z) - t σ(z) / y */
@unmanaged @final
export class PoissonOnSoftplus {
  @inline value<T>(z: v128, y: v128, t: v128, _a: v128): v128 {
    return cost<T>(y, t, v128.bitselect(z, boundedLog<T>(y), v128.lt<T>(z, either<T>(LOW64, LOW32))));
  }
  @inline slope<T>(z: v128, y: v128, t: v128, _a: v128): v128 {
    const s = sigmoid<T>(z);
    const ratio = v128.bitselect(share<T>(z), v128.div<T>(s, y), v128.lt<T>(z, either<T>(LOW64, LOW32)));
    return v128.sub<T>(s, v128.mul<T>(t, ratio));
  }
}

/** On sigmoid, where ln y is -ln(1 + e^-z): y - t ln y; (1 - y) (y - t) */
@unmanaged @final
export class PoissonOnSigmoid {
  @inline value<T>(z: v128, y: v128, t: v128, _a: v128): v128 {
    const rest = log1pUnit<T>(exp<T>(v128.or(z, sign<T>())));
    return cost<T>(y, t, v128.sub<T>(v128.min<T>(z, v128.splat<T>(0)), rest));
  }
  @inline slope<T>(z: v128, y: v128, t: v128, _a: v128): v128 {
    return v128.mul<T>(sigmoid<T>(v128.neg<T>(z)), v128.sub<T>(y, v128.mul<T>(t, share<T>(z))));
  }
}

/** Returns y - t · level, where level is ln y, but not below -100. */
@inline
function cost<T>(y: v128, t: v128, level: v128): v128 {
  return v128.sub<T>(y, v128.mul<T>(t, v128.max<T>(level, either<T>(FLOOR64, FLOOR32))));
}

/** Returns y / max(y, e^-100) for y = e^z: 1 where the bound of the logarithm has no effect. */
@inline
function share<T>(z: v128): v128 {
  const above = v128.sub<T>(z, either<T>(FLOOR64, FLOOR32));
  return exp<T>(v128.min<T>(above, v128.splat<T>(0)));
}
