// The optimizer and the learning rate in PyTorch.

import type { Settings } from "../../rules/optimizer.js";
import type { Rate, Schedule } from "../../rules/schedule.js";
import { unsupported } from "./facts.js";
import { indent, number } from "./text.js";

/** Names of torch's optimizers, and of their options where they differ. */
const optimizers: Readonly<Record<Settings["name"], string>> = {
  sgd: "torch.optim.SGD",
  rmsprop: "torch.optim.RMSprop",
  adagrad: "torch.optim.Adagrad",
  adam: "torch.optim.Adam",
  adamw: "torch.optim.AdamW",
  nadam: "NAdam",
  lion: "Lion",
};

/** Returns the lines of the function that makes the optimizer. */
export function optimizerLines(settings: Settings): string[] {
  const values = settings as unknown as Readonly<Record<string, number | boolean | undefined>>;
  const { beta1, beta2 } = values;
  const options = [
    ...(beta1 === undefined && beta2 === undefined
      ? []
      : [`betas=(${number(Number(beta1 ?? 0))}, ${number(Number(beta2 ?? 0))})`]),
    ...(["alpha", "momentum"] as const).flatMap((name) =>
      values[name] === undefined ? [] : [`${name}=${number(Number(values[name]))}`],
    ),
    ...(["nesterov", "centered"] as const).flatMap((name) => (values[name] === true ? [`${name}=True`] : [])),
    ...(values.epsilon === undefined ? [] : [`eps=${number(Number(values.epsilon))}`]),
    // adamw's own default is not 0.
    ...(values.weightDecay === undefined && settings.name !== "adamw"
      ? []
      : [`weight_decay=${number(Number(values.weightDecay ?? 0))}`]),
    ...(values.momentumDecay === undefined ? [] : [`momentum_decay=${number(Number(values.momentumDecay))}`]),
  ];
  return [
    "def optimizer(parameters):",
    ...indent(
      [`return ${optimizers[settings.name]}(${["parameters", "lr=rate(0)", ...options].join(", ")})`],
      1,
    ),
  ];
}

/** Returns the line that clips gradients of the tensors `trained`, if they are clipped. */
export function clipLines({ clipNorm, clipValue }: Settings): string[] {
  if (clipNorm !== undefined) return [`nn.utils.clip_grad_norm_(trained, ${number(clipNorm)})`];
  if (clipValue !== undefined) return [`nn.utils.clip_grad_value_(trained, ${number(clipValue)})`];
  return [];
}

/** Returns the lines of the function that returns the rate of a step. Throws `unsupported`. */
export function rateLines(rate: Rate): string[] {
  if (typeof rate === "function") {
    throw unsupported("a rate that is a function", "set `rate` to a number or a schedule");
  }
  if (typeof rate === "number") return ["def rate(step):", ...indent([`return ${number(rate)}`], 1)];
  const body = bodyOf(rate);
  return [
    "def rate(step):",
    ...indent([`"""Returns the learning rate of a step, the first being 0: ${rate.name}."""`, ...body], 1),
  ];
}

function bodyOf(schedule: Schedule): string[] {
  const s = schedule as unknown as Readonly<Record<string, number>>;
  const of = (name: string) => number(s[name]!);
  const warmup =
    (s.warmup ?? 0) > 0
      ? [`if step < ${of("warmup")}:`, ...indent([`return ${of("rate")} * (step + 1) / ${of("warmup")}`], 1)]
      : [];
  switch (schedule.name) {
    case "constant":
      return [...warmup, `return ${of("rate")}`];
    case "step":
      return [`return ${of("rate")} * ${of("factor")} ** (step // ${of("every")})`];
    case "exponential":
      return [`return ${of("rate")} * ${of("factor")} ** (step / ${of("every")})`];
    case "cosine":
      return [
        ...warmup,
        `step, length = step - ${of("warmup")}, ${of("steps")}`,
        ...(s.restarts! > 0
          ? [
              `for _ in range(${of("restarts")}):`,
              ...indent(
                [
                  "if step < length:",
                  ...indent(["break"], 1),
                  `step, length = step - length, length * ${of("growth")}`,
                ],
                1,
              ),
            ]
          : []),
        `return anneal(${of("rate")}, ${of("floor")}, step / length) if step < length else ${of("floor")}`,
      ];
    case "oneCycle": {
      const first = s.rate! / s.divisor!;
      const last = first / s.finalDivisor!;
      const top = s.start! * s.steps! - 1;
      const end = s.steps! - 1;
      const rise = top > 0 ? `anneal(${number(first)}, ${of("rate")}, step / ${number(top)})` : of("rate");
      const fall = `anneal(${of("rate")}, ${number(last)}, (step - ${number(top)}) / ${number(end - top)})`;
      return [
        `if step <= ${number(top)}:`,
        ...indent([`return ${rise}`], 1),
        `return ${fall} if step < ${number(end)} else ${number(last)}`,
      ];
    }
    case "reduceOnPlateau":
      throw unsupported(
        "the schedule reduceOnPlateau",
        "it needs the scores of `fit`, and the file has a loop of its own",
      );
  }
}

/** Functions and classes that the lines call, each with its text. */
export const helpers: Readonly<Record<string, string>> = {
  anneal: `def anneal(a, b, t):
    """Returns a number from a to b along half a cosine, for t from 0 to 1."""
    return b + (a - b) / 2 * (1 + math.cos(math.pi * t))
`,
  NAdam: `class NAdam(torch.optim.Optimizer):
    """Steps of Adam with Nesterov's momentum, as torch 2 has them: before, torch had another product, and has it in float32."""

    def __init__(self, parameters, lr, betas, eps, momentum_decay, weight_decay=0.0):
        options = {"lr": lr, "betas": betas, "eps": eps, "momentum_decay": momentum_decay, "weight_decay": weight_decay}
        super().__init__(parameters, options)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            momentum = lambda step: beta1 * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"]))
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(step=0, product=1.0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
                grad = p.grad.add(p, alpha=group["weight_decay"])
                state["step"] += 1
                now, following = momentum(state["step"]), momentum(state["step"] + 1)
                state["product"] *= now
                mean = state["mean"].mul_(beta1).add_(grad, alpha=1 - beta1)
                square = state["square"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                divisor = (square / (1 - beta2 ** state["step"])).sqrt_().add_(group["eps"])
                p.addcdiv_(grad, divisor, value=-lr * (1 - now) / (1 - state["product"]))
                p.addcdiv_(mean, divisor, value=-lr * following / (1 - state["product"] * following))
`,
  Lion: `class Lion(torch.optim.Optimizer):
    """Steps along the sign of a mean of gradients. (Chen et al., "Symbolic discovery of optimization algorithms", 2023.)"""

    def __init__(self, parameters, lr, betas, weight_decay=0.0):
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                way = (beta1 * mean + (1 - beta1) * p.grad).sign_()
                mean.mul_(beta2).add_(p.grad, alpha=1 - beta2)
                p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(way, alpha=group["lr"])
`,
};
