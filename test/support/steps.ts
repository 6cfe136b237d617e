// The optimizers in plain formulas, a number at a time.

/** An optimizer's options, with its rate as a number. */
export type Options = Readonly<Record<string, number | boolean | string | undefined>>;

/** Makes a step of one number with the moments `m`, and returns it. */
export function naiveStep(o: Options, p: number, g: number, m: Record<string, number>, t: number): number {
  const option = (name: string, usual: number) => Number(o[name] ?? usual);
  const decay = option("weightDecay", o.name === "adamw" ? 0.01 : 0);
  const isDecoupled = o.name === "adamw" || o.name === "lion";
  const rate = option("rate", Number.NaN);
  const epsilon = option("epsilon", o.name === "adagrad" ? 1e-10 : 1e-8);
  const slope = isDecoupled ? g : g + decay * p;
  const start = isDecoupled ? p * (1 - rate * decay) : p;
  const blend = (name: string, share: number, rest: number, x: number) => {
    m[name] = share * (m[name] ?? 0) + rest * x;
    return m[name];
  };
  if (o.name === "sgd") {
    const momentum = option("momentum", 0);
    const b = blend("momentum", momentum, 1, slope);
    return start - rate * (o.nesterov === true ? slope + momentum * b : b);
  }
  if (o.name === "rmsprop") {
    const alpha = option("alpha", 0.99);
    const v = blend("square", alpha, 1 - alpha, slope * slope);
    const a = blend("mean", alpha, 1 - alpha, slope);
    const root = Math.sqrt(o.centered === true ? v - a * a : v);
    return start - rate * blend("momentum", option("momentum", 0), 1, slope / (root + epsilon));
  }
  if (o.name === "adagrad") {
    return start - (rate * slope) / (Math.sqrt(blend("square", 1, 1, slope * slope)) + epsilon);
  }
  const [beta1, beta2] = [option("beta1", 0.9), option("beta2", o.name === "lion" ? 0.99 : 0.999)];
  if (o.name === "lion") {
    const sign = Math.sign(beta1 * (m.mean ?? 0) + (1 - beta1) * slope);
    blend("mean", beta2, 1 - beta2, slope);
    return start - rate * sign;
  }
  const mean = blend("mean", beta1, 1 - beta1, slope);
  const square = blend("square", beta2, 1 - beta2, slope * slope);
  let first = mean / (1 - beta1 ** t);
  if (o.name === "nadam") {
    const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * option("momentumDecay", 4e-3)));
    m.product = (m.product ?? 1) * mu(t);
    first = (mu(t + 1) * mean) / (1 - m.product * mu(t + 1)) + ((1 - mu(t)) * slope) / (1 - m.product);
  }
  return start - (rate * first) / (Math.sqrt(square / (1 - beta2 ** t)) + epsilon);
}
