// The parts of a file of PyTorch that read data and train, with or without steps.

import { indent } from "./text.js";

/** Facts of a graph on which the loop depends. */
export interface LoopFacts {
  readonly hasSteps: boolean;
  readonly hasPenalty: boolean;
  readonly hasLimits: boolean;
  /** Lines that clip the gradients of the tensors `trained`. */
  readonly clip: readonly string[];
}

/** Keeps lines where a condition holds. */
const when = (holds: boolean, text: string) => (holds ? text : "");

/** Returns the class that reads rows of data. */
export function dataText({ hasSteps }: LoopFacts): string {
  return `class Data:
    """The rows of some files, one after another, by the names of inputs and outputs."""

    def __init__(self, patterns, description, dtype, device):
        paths = [path for pattern in patterns for path in sorted(glob.glob(pattern)) or [pattern]]
        self.files = [read(path)[0] for path in paths]
        counts = [len(next(iter(file.values()))) for file in self.files]
        self.ends = torch.tensor(counts).cumsum(0)
        self.rows = sum(counts)
        self.layers = {layer["name"]: layer for layer in description["layers"]}
        self.dtype, self.device = dtype, device
        self.targets = [name[3:] for name in self.files[0] if name.startswith("ts.")]
        unknown = [name for name in self.targets if name not in TRAINED]
        if unknown or not self.targets:
            sys.exit(f"The targets of {paths[0]} are those of {list(TRAINED)}, not of {unknown}.")
        self.scalers = {}
        for name, layer in self.layers.items():
            if "scaler" in layer:
                numbers = [torch.tensor(layer["scaler"][key], dtype=torch.float64) for key in ("offset", "divisor")]
                self.scalers[name] = [values.repeat(layer["size"] // len(values)) for values in numbers]

    def take(self, name, index):
        """Returns rows of a tensor by their numbers; None where the files lack it."""
        if name not in self.files[0]:
            return None
        if len(self.files) == 1:
            return self.files[0][name][index]
        which = torch.bucketize(index, self.ends, right=True)
        parts, places = [], []
${when(
  hasSteps,
  `        longest = max(file[name].shape[1] if file[name].ndim > 1 else 0 for file in self.files)
`,
)}        for i in which.unique().tolist():
            place = (which == i).nonzero().flatten()
            file = self.files[i][name]
            rows = file[index[place] - (self.ends[i] - len(file))]
${when(
  hasSteps,
  `            if name.split(".", 1)[-1] in TIMED and rows.shape[1] < longest:
                rows = torch.cat((rows, rows.new_zeros(len(rows), longest - rows.shape[1], *rows.shape[2:])), 1)
`,
)}            parts.append(rows)
            places.append(place)
        found = torch.cat(parts)
        return torch.empty_like(found).index_copy_(0, torch.cat(places), found)

    def values(self, kind, name, index):
        """Returns the scaled values of a layer, or its class numbers."""
        values = self.take(f"{kind}.{name}", index)
        layer = self.layers[name]
        if values is None:
            # An input that the outputs with targets don't need.
            values = torch.zeros(len(index), layer["size"], dtype=torch.int64 if "classes" in layer else self.dtype)
        if kind == "ts" and not values.is_floating_point():
            channels = layer.get("shape", [layer["size"]])[-1]
            values = F.one_hot(values, channels).reshape(${hasSteps ? "*values.shape[: 2 if name in TIMED else 1]" : "len(values)"}, layer["size"])
        if name in self.scalers:
            offset, divisor = self.scalers[name]
            values = (values.double() - offset) / divisor
        return values if "classes" in layer else values.to(self.dtype)

    def share(self, index, rank, world):
        """Returns a process's part of a batch: the graph's arguments, targets, their weights, and the whole batch's rows."""
        own = index[len(index) * rank // world : len(index) * (rank + 1) // world]
        isEmpty = len(own) == 0
        own = index[:1] if isEmpty else own  # a row that weighs nothing: every process computes gradients
        xs = {name: self.values("xs", name, own) for name in INPUTS}
        ts = {name: self.values("ts", name, own) for name in self.targets}
        rows = {name: len(index) for name in self.targets}
        weights, every = {}, self.take("weights", own)
${when(
  hasSteps,
  `        lengths = self.take("steps", own)
        steps = int(lengths.max())
        isRagged = int(lengths.min()) < steps
        ends = torch.arange(steps) < lengths[:, None]
        xs = {name: x[:, :steps] if name in TIMED else x for name, x in xs.items()}
        ts = {name: t[:, :steps] if name in TIMED else t for name, t in ts.items()}
        rows.update({name: int(self.take("steps", index).sum()) for name in self.targets if name in TIMED})
`,
)}        for name in self.targets:
            width = ts[name].ndim
            own_weights = self.take(f"mask.{name}", own)
${when(
  hasSteps,
  `            if own_weights is not None and name in TIMED:
                own_weights = own_weights[:, :steps]
`,
)}            parts = [part.reshape(*part.shape, *[1] * (width - part.ndim)) for part in (every, own_weights) if part is not None]
${when(
  hasSteps,
  `            if isRagged and name in TIMED:
                parts.append(ends[..., None])
`,
)}            if isEmpty:
                parts.append(torch.zeros([1] * width))
            if parts:
                weights[name] = math.prod(parts).to(self.dtype)
                ts[name] = ts[name].masked_fill(weights[name] == 0, 0)
        move = lambda values: {name: value.to(self.device) for name, value in values.items()}
        return (move(xs),${hasSteps ? " lengths.to(self.device))" : ")"}, move(ts), move(weights), rows
`;
}

/** Returns the module of a process's share, and the loop. */
export function trainText({ hasSteps, hasPenalty, hasLimits, clip }: LoopFacts): string {
  const penalty = (text: string) => when(hasPenalty, text);
  return `class Whole(nn.Module):
    """A graph with the cost of a process's share of a batch."""

    def __init__(self, graph, world):
        super().__init__()
        self.graph, self.world = graph, world

    def forward(self, arguments, ts, weights, rows):
        """Returns the share's cost, and a cost whose mean over the processes is the batch's: DistributedDataParallel takes means."""
        losses = self.graph.losses(*self.graph(*arguments), ts)
        share = sum((loss * weights[name] if name in weights else loss).sum() / rows[name] for name, loss in losses.items())
${penalty(`        penalty = self.graph.penalty(ts)
`)}        return share.detach()${penalty(" + penalty.detach() / self.world")}, share * self.world${penalty(" + penalty")}


def train(args, rank, world, device):
    """Trains the graph of args.weights, and writes args.out."""
    tensors, meta = read(args.weights)
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("optimizer.")}
    description = json.loads(meta["graph"])
    graph = Graph(tensors).to(device)
    data = Data(args.data, description, graph.tensors[0].dtype, device)
    trained = graph.begin(data.targets)
    whole = Whole(graph, world)
    if world > 1 and trained:
        ids = [device] if device.type == "cuda" else None
        whole = nn.parallel.DistributedDataParallel(whole, device_ids=ids${when(hasSteps, ", find_unused_parameters=True")})
    optim = optimizer(trained) if trained else None
    step, generators = 0, description["generators"]
    for epoch in range(args.epochs):
        if args.no_shuffle:
            order = torch.arange(data.rows)
        else:
            order = shuffled(data.rows, description["seed"], generators["shuffles"])
            generators["shuffles"] += 1
        total = torch.zeros((), dtype=torch.float64, device=device)
        for index in order.split(args.batch):
            share, cost = whole(*data.share(index, rank, world))
            total += share * len(index)
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
    "for group in optim.param_groups:",
    '    group["lr"] = rate(step)',
    "optim.step()",
    ...(hasLimits ? ["graph.limit()"] : []),
  ],
  4,
).join("\n")}
            step += 1
        if world > 1:
            dist.all_reduce(total)
        cost = total.item() / data.rows
        if rank == 0:
            print(f"epoch {epoch + 1}: cost {cost:.6g}", flush=True)
        if not math.isfinite(cost):
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
