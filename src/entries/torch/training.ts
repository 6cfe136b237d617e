// The parts of a file of PyTorch that read data and train, with or without steps.

import { indent } from "./text.js";

/** Facts of a graph on which the loop depends. */
export interface LoopFacts {
  readonly hasSteps: boolean;
  readonly hasScalers: boolean;
  /** Whether there are several outputs, and data may have targets of some; and the only one's name, as a string. */
  readonly hasChoice: boolean;
  readonly only: string | undefined;
  /** Whether an output's targets may be numbers of classes, and whether an input's values are. */
  readonly hasLabels: boolean;
  readonly hasWords: boolean;
  /** Whether the rate is another at each step. */
  readonly hasSchedule: boolean;
  readonly hasPenalty: boolean;
  readonly hasLimits: boolean;
  /** Lines that clip the gradients of the tensors `trained`. */
  readonly clip: readonly string[];
}

/** Keeps lines where a condition holds. */
const when = (holds: boolean, text: string) => (holds ? text : "");

/** Returns the class that reads rows of data. */
export function dataText(facts: LoopFacts): string {
  const { hasSteps, hasScalers, hasChoice, hasLabels, hasWords } = facts;
  const scalers = when(
    hasScalers,
    `        self.scalers = {}
        for layer in description["layers"]:
            if "scaler" in layer:
                numbers = [torch.tensor(layer["scaler"][key], dtype=torch.float64) for key in ("offset", "divisor")]
                self.scalers[layer["name"]] = [each.repeat(layer["size"] // len(each)) for each in numbers]
`,
  );
  const longest = when(
    hasSteps,
    `        longest = max(file[name].shape[1] if file[name].ndim > 1 else 0 for file in self.files)
`,
  );
  const padded = when(
    hasSteps,
    `            if name.split(".", 1)[-1] in TIMED and part.shape[1] < longest:
                part = torch.cat((part, part.new_zeros(len(part), longest - part.shape[1], *part.shape[2:])), 1)
`,
  );
  const absent = when(
    hasChoice,
    `        if values is None:  # an input that the outputs with targets don't need
            return torch.zeros(len(index), *SIZES[name][1:], dtype=SIZES[name][0] or self.dtype)
`,
  );
  const scaled = when(
    hasScalers,
    `        if name in self.scalers:
            offset, divisor = self.scalers[name]
            values = (values.double() - offset) / divisor
`,
  );
  const isClass = [
    ...(hasWords ? ["name in WORDS"] : []),
    ...(hasLabels ? ['(kind == "ts" and not values.is_floating_point())'] : []),
  ];
  const classed = when(
    isClass.length > 0,
    `        if ${isClass.join(" or ").replace(/^\((.*)\)$/, "$1")}:
            return values.long()  # numbers of classes
`,
  );
  const steps = when(
    hasSteps,
    `        lengths = self.take("steps", own)
        steps = int(lengths.max())
        isRagged = int(lengths.min()) < steps
        xs = {name: x[:, :steps]${when(hasChoice, ".expand(-1, steps, -1)")} if name in TIMED else x for name, x in xs.items()}
        rows.update({name: int(self.take("steps", index).sum()) for name in self.targets if name in TIMED})
`,
  );
  const timed = when(
    hasSteps,
    `            if name in TIMED:
                t, parts = t[:, :steps], [part[:, :steps] if part.ndim > 1 else part for part in parts]
                if isRagged:
                    parts.append(torch.arange(steps) < lengths[:, None])
`,
  );
  const labelled = when(
    hasLabels,
    `            if not t.is_floating_point() and any(part.ndim == ${hasSteps ? "(3 if name in TIMED else 2)" : "2"} and part.shape[-1] > 1 for part in parts):
                t = F.one_hot(t, CLASSES[name])${hasSteps ? ".flatten(2 if name in TIMED else 1)" : ".flatten(1)"}.to(self.dtype)  # units have weights of their own
`,
  );
  return `class Data:
    """The rows of some files, one after another, by the names of inputs and outputs."""

    def __init__(self, patterns, description, dtype, device):
        paths = [path for pattern in patterns for path in sorted(glob.glob(pattern)) or [pattern]]
        self.files = [read(path)[0] for path in paths]
        counts = [len(next(iter(file.values()))) for file in self.files]
        self.ends = torch.tensor(counts).cumsum(0)
        self.rows = sum(counts)
        self.dtype, self.device = dtype, device
        self.targets = [name[3:] for name in self.files[0] if name.startswith("ts.")]
        unknown = [name for name in self.targets if name not in TRAINED]
        if unknown or not self.targets:
            sys.exit(f"{paths[0]} has targets of {self.targets or 'no output'}; the outputs are {list(TRAINED)}.")
        missing = {name for target in self.targets for name in INPUTS[target] if f"xs.{name}" not in self.files[0]}
        if missing:
            sys.exit(f"{paths[0]} lacks the inputs {sorted(missing)}.")
        self.inputs = list(dict.fromkeys(name for names in INPUTS.values() for name in names))
${scalers}
    def take(self, name, index):
        """Returns rows of a tensor by their numbers; None where the files lack it."""
        if name not in self.files[0]:
            return None
        if len(self.files) == 1:
            return self.files[0][name][index]
        which = torch.bucketize(index, self.ends, right=True)
        parts, places = [], []
${longest}        for i in which.unique().tolist():
            place = (which == i).nonzero().flatten()
            file = self.files[i][name]
            part = file[index[place] - (self.ends[i] - len(file))]
${padded}            parts.append(part)
            places.append(place)
        found = torch.cat(parts)
        return torch.empty_like(found).index_copy_(0, torch.cat(places), found)

    def values(self, name, index, kind):
        """Returns the values of a layer${when(hasScalers, ", scaled")}."""
        values = self.take(f"{kind}.{name}", index)
${absent}${classed}${scaled}        return values.to(self.dtype)

    def share(self, index, rank, world):
        """Returns a process's part of a batch: the graph's arguments, targets, their weights, and the whole batch's rows."""
        own = index[len(index) * rank // world : len(index) * (rank + 1) // world]
        isEmpty = len(own) == 0
        own = index[:1] if isEmpty else own  # a row that weighs nothing: every process computes gradients
        xs = {name: self.values(name, own, "xs").to(self.device) for name in self.inputs}
        ts, weights, rows = {}, {}, {name: len(index) for name in self.targets}
${steps}        for name in self.targets:
            t = self.values(name, own, "ts")
            parts = [part for part in (self.take("weights", own), self.take(f"mask.{name}", own)) if part is not None]
${timed}            if isEmpty:
                parts.append(torch.zeros(1))
${labelled}            if parts:
                weight = math.prod(part.reshape(*part.shape, *[1] * (t.ndim - part.ndim)) for part in parts).to(self.dtype)
                t = t.masked_fill(weight == 0, 0)
                weights[name] = weight.to(self.device)
            ts[name] = t.to(self.device)
        return (xs,${hasSteps ? " lengths.to(self.device))" : ")"}, ts, weights, rows
`;
}

/** Returns the lines of a share's cost; `only` is the name of the only output, as a string, if there is one. */
function costLines(only: string | undefined): string[] {
  const losses = "self.graph.losses(*self.graph(*arguments), ts)";
  const lines =
    only === undefined
      ? [
          `losses = ${losses}`,
          "weighted = {name: loss * weights[name] if name in weights else loss for name, loss in losses.items()}",
          "costs = (loss.sum() * (self.world / rows[name]) for name, loss in weighted.items())",
          "return functools.reduce(operator.add, costs)",
        ]
      : [
          `loss = ${losses}[${only}]`,
          `loss = loss * weights[${only}] if ${only} in weights else loss`,
          `return loss.sum() * (self.world / rows[${only}])`,
        ];
  return indent(lines, 2);
}

/** Returns the module of a process's share, and the loop. */
export function trainText({ only, hasSteps, hasSchedule, hasPenalty, hasLimits, clip }: LoopFacts): string {
  const penalty = (text: string) => when(hasPenalty, text);
  return `class Whole(nn.Module):
    """A graph with the cost of a process's share of a batch."""

    def __init__(self, graph, world):
        super().__init__()
        self.graph, self.world = graph, world

    def forward(self, arguments, ts, weights, rows):
        """Returns the share's cost times the processes: DistributedDataParallel takes the mean over them."""
${costLines(only).join("\n")}${penalty(" + self.graph.penalty(ts)")}


def train(args, rank, world, device):
    """Trains the graph of args.weights, and writes args.out."""
    tensors, meta = read(args.weights)
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("optimizer.")}
    description = json.loads(meta["graph"])
    graph = Graph(tensors).to(device)
    data = Data(args.data, description, graph.tensors[0].dtype, device)
    lacking = {name for names in TRAINED.values() for name in names} - graph.p.keys()
    if lacking:
        sys.exit(f"{args.weights} is the file of another graph: it lacks {sorted(lacking)}.")
    trained = graph.begin(data.targets)
    whole = Whole(graph, world)
    if world > 1 and trained:
        ids = [device] if device.type == "cuda" else None
        whole = nn.parallel.DistributedDataParallel(whole, device_ids=ids${when(hasSteps, ", find_unused_parameters=True")})
    optim = optimizer(trained) if trained else None
    ${when(hasSchedule, "step, ")}generators = ${when(hasSchedule, "0, ")}description["generators"]
    for epoch in range(args.epochs):
        if args.no_shuffle:
            order = torch.arange(data.rows)
        else:
            order = shuffled(data.rows, description["seed"], generators["shuffles"])
            generators["shuffles"] += 1
        total = torch.zeros((), dtype=torch.float64, device=device)
        for index in order.split(args.batch):
            cost = whole(*data.share(index, rank, world))
            total += cost.detach() * len(index)
            if trained:
                optim.zero_grad(set_to_none=True)
                cost.backward()
${indent(
  [
    ...(hasSteps
      ? [
          "for p in trained:",
          "    if p.grad is None:",
          "        p.grad = torch.zeros_like(p)  # only steps that no sample has lead to it",
        ]
      : []),
    ...clip,
    ...(hasSchedule ? ["for group in optim.param_groups:", '    group["lr"] = rate(step)'] : []),
    "optim.step()",
    ...(hasLimits ? ["graph.limit()"] : []),
  ],
  4,
).join("\n")}
${when(
  hasSchedule,
  `            step += 1
`,
)}        if world > 1:
            dist.all_reduce(total)
        mean = total.item() / (data.rows * world)
        if rank == 0:
            print(f"epoch {epoch + 1}: cost {mean:.6g}", flush=True)
        if not math.isfinite(mean):
            sys.exit("The cost is not finite: nothing is written. A lower rate may help.")
    if rank == 0:
        write(args.out, {**tensors, **graph.trained}, {**meta, "graph": json.dumps(fresh(description))})


def fresh(description):
    """Returns a graph's description without the optimizer's state, which begins afresh."""
    description.pop("state", None)
    for part in description["layers"] + description["synapses"]:
        for member in [member for member in part if member.endswith(("Steps", "Product"))]:
            del part[member]
    return description
`;
}
