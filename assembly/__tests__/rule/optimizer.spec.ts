import { BlockWord, OptimizerKind, OptimizerWord } from "../../abi";
import { alloc, free } from "../../memory";
import { keepsAllFinite } from "../../rule/bound";
import { Block, Optimizer, begin, count, moment, move } from "../../rule/optimizer";

/** Number of parameters: several pairs of vectors, a vector and a part of one. */
const COUNT = 23;
const STEPS = 6;

/** The values of one parameter, in scalar float64. */
class Naive {
  mean: f64 = 0;
  square: f64 = 0;
  momentum: f64 = 0;
  product: f64 = 1;
  constructor(public p: f64) {}

  step(o: Optimizer, g: f64, t: f64): void {
    const decoupled = o.kind == OptimizerKind.adamw || o.kind == OptimizerKind.lion;
    g = Math.min(Math.max(g, -o.clipValue), o.clipValue);
    if (decoupled) this.p *= 1 - o.rate * o.weightDecay;
    else g += o.weightDecay * this.p;
    if (o.kind == OptimizerKind.sgd) {
      this.momentum = o.beta1 * this.momentum + g;
      this.p -= o.rate * (o.flag ? g + o.beta1 * this.momentum : this.momentum);
    } else if (o.kind == OptimizerKind.rmsprop || o.kind == OptimizerKind.adagrad) {
      const rest = o.kind == OptimizerKind.adagrad ? 1 : 1 - o.beta2;
      this.square = o.beta2 * this.square + rest * g * g;
      this.mean = o.beta2 * this.mean + rest * g;
      const spread = o.mean ? this.square - this.mean * this.mean : this.square;
      this.momentum = o.beta1 * this.momentum + g / (Math.sqrt(spread) + o.epsilon);
      this.p -= o.rate * this.momentum;
    } else if (o.kind == OptimizerKind.lion) {
      this.p -= o.rate * Math.sign(o.beta1 * this.mean + (1 - o.beta1) * g);
      this.mean = o.beta2 * this.mean + (1 - o.beta2) * g;
    } else {
      this.mean = o.beta1 * this.mean + (1 - o.beta1) * g;
      this.square = o.beta2 * this.square + (1 - o.beta2) * g * g;
      let first = this.mean / (1 - Math.pow(o.beta1, t));
      if (o.kind == OptimizerKind.nadam) {
        const now = o.beta1 * (1 - 0.5 * Math.pow(0.96, t * o.momentumDecay));
        const next = o.beta1 * (1 - 0.5 * Math.pow(0.96, (t + 1) * o.momentumDecay));
        this.product *= now;
        first = next * this.mean / (1 - this.product * next) + (1 - now) * g / (1 - this.product);
      }
      this.p -= o.rate * first / (Math.sqrt(this.square / (1 - Math.pow(o.beta2, t))) + o.epsilon);
    }
  }
}

function put<T>(at: usize, index: i32, value: f64): void {
  store<T>(at + <usize>index * sizeof<T>(), <T>value);
}

function get<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

function optimizer(kind: i32): Optimizer {
  const o = changetype<Optimizer>(alloc(OptimizerWord.words * 4));
  o.kind = kind;
  o.rate = 0.05;
  o.weightDecay = 0;
  o.clipValue = Infinity;
  o.beta1 = kind < OptimizerKind.adam ? 0 : 0.8;
  o.beta2 = kind == OptimizerKind.adagrad ? 1 : 0.95;
  o.epsilon = 1e-8;
  o.momentumDecay = 0.004;
  return o;
}

/** Compares some steps of some parameters with the steps of each in scalar arithmetic. */
function follow<T>(o: Optimizer, bound: f64): void {
  const size: usize = 256;
  const room = alloc(5 * size);
  const momentum = o.kind == OptimizerKind.sgd || o.kind == OptimizerKind.rmsprop ? o.beta1 > 0 : false;
  if (o.kind >= OptimizerKind.adam || o.mean) o.mean = 2 * size;
  if (o.kind != OptimizerKind.sgd && o.kind != OptimizerKind.lion) o.square = 3 * size;
  if (momentum) o.momentum = 4 * size;
  const block = changetype<Block>(alloc(BlockWord.words * 4));
  const naive = new Array<Naive>();
  for (let i = 0; i < COUNT; i++) {
    const start = <f64>((i * 5) % 7) - 3.25;
    put<T>(room, i, start);
    naive.push(new Naive(start));
  }
  for (let t = 1; t <= STEPS; t++) {
    for (let i = 0; i < COUNT; i++) {
      const g = <f64>((i * 3 + t * 5) % 11) / 4 - 1.125;
      put<T>(room + size, i, g);
      naive[i].step(o, g, t);
    }
    begin<T>(o, 1);
    move<T>(
      o, block, room, room + size, moment(room, o.mean), moment(room, o.square), moment(room, o.momentum), COUNT,
    );
    count(o, block);
    for (let i = 0; i < COUNT; i++) {
      const wanted = naive[i].p;
      const near = Math.abs(get<T>(room, i) - wanted) <= bound * Math.max(1, Math.abs(wanted));
      expect<bool>(near).toBe(true, `parameter ${i} after step ${t} of the optimizer ${o.kind}`);
    }
  }
  expect<f64>(block.steps).toBe(STEPS);
  free(room);
  free(changetype<usize>(block));
}

function both(o: Optimizer): void {
  follow<f64>(o, 1e-13);
  follow<f32>(o, 2e-6);
  free(changetype<usize>(o));
}

describe("optimizers", () => {
  it("make the steps of scalar arithmetic", () => {
    for (let kind = 0; kind < OptimizerKind.count; kind++) both(optimizer(kind));
  });

  it("divide by very small and very large numbers", () => {
    for (let kind = OptimizerKind.adam; kind <= OptimizerKind.nadam; kind++) {
      for (let power = -200; power <= 100; power += 100) {
        const o = optimizer(kind);
        o.epsilon = Math.pow(10, power);
        both(o);
      }
    }
  });

  it("clip and decay", () => {
    for (let kind = 0; kind < OptimizerKind.count; kind++) {
      const o = optimizer(kind);
      o.clipValue = 0.7;
      o.weightDecay = 0.3;
      both(o);
    }
  });

  it("have momentum, Nesterov's too, and centred squares", () => {
    for (let flag: u32 = 0; flag < 2; flag++) {
      const o = optimizer(OptimizerKind.sgd);
      o.beta1 = 0.9;
      o.flag = flag;
      both(o);
    }
    for (let variant = 1; variant < 4; variant++) {
      const o = optimizer(OptimizerKind.rmsprop);
      if (variant & 1) o.beta1 = 0.7;
      if (variant & 2) o.mean = 1;
      both(o);
    }
  });

  it("know when a step is sure to keep all numbers finite", () => {
    for (let kind = 0; kind < OptimizerKind.count; kind++) {
      const o = optimizer(kind);
      expect<bool>(keepsAllFinite<f64>(o, 1e9)).toBe(true);
      expect<bool>(keepsAllFinite<f32>(o, 1e9)).toBe(true);
      expect<bool>(keepsAllFinite<f64>(o, 1e160)).toBe(false);
      expect<bool>(keepsAllFinite<f32>(o, 1e20)).toBe(false);
      expect<bool>(keepsAllFinite<f64>(o, Infinity)).toBe(false);
      expect<bool>(keepsAllFinite<f64>(o, NaN)).toBe(false);
      o.rate = 1e300;
      expect<bool>(keepsAllFinite<f64>(o, 1e9)).toBe(false);
      free(changetype<usize>(o));
    }
  });
});
