"""Reference values for the options of optimizers and for schedules of rates that vocabulary.json lacks, by PyTorch in float64.

Run with Debian's python3-torch:  /usr/bin/python3 optimizers.py SEED OUT.json
A cost is the sum over units, and the mean over the samples of a batch.
"""
import json
import sys
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)
SEED, OUT = int(sys.argv[1]), sys.argv[2]
torch.manual_seed(SEED)


class NAdam(torch.optim.Optimizer):
    """PyTorch's NAdam since 2.0. In 1.13 it multiplies a momentum twice into the product."""
    def __init__(self, params, lr, betas, eps, weight_decay, momentum_decay):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (b1, b2), decay = group["betas"], group["momentum_decay"]
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s.update(t=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                g = p.grad + group["weight_decay"] * p
                s["t"] += 1
                mu, ahead = (b1 * (1 - 0.5 * 0.96 ** (t * decay)) for t in (s["t"], s["t"] + 1))
                s["product"] *= mu
                s["m"].mul_(b1).add_(g, alpha=1 - b1)
                s["v"].mul_(b2).addcmul_(g, g, value=1 - b2)
                d = (s["v"] / (1 - b2 ** s["t"])).sqrt() + group["eps"]
                p -= group["lr"] * ((1 - mu) / (1 - s["product"]) * g + ahead / (1 - s["product"] * ahead) * s["m"]) / d


O = torch.optim
OPTIMIZERS = [
    ({"name": "sgd", "rate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.1},
     lambda p: O.SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.1)),
    ({"name": "rmsprop", "rate": 0.01, "momentum": 0.8}, lambda p: O.RMSprop(p, 0.01, momentum=0.8)),
    ({"name": "rmsprop", "alpha": 0.9, "centered": True}, lambda p: O.RMSprop(p, 0.01, alpha=0.9, centered=True)),
    ({"name": "rmsprop", "alpha": 0.9, "epsilon": 1e-6, "centered": True, "momentum": 0.5, "weightDecay": 0.05},
     lambda p: O.RMSprop(p, 0.01, alpha=0.9, eps=1e-6, centered=True, momentum=0.5, weight_decay=0.05)),
    ({"name": "adagrad", "rate": 0.1, "epsilon": 1e-6, "weightDecay": 0.2},
     lambda p: O.Adagrad(p, 0.1, eps=1e-6, weight_decay=0.2)),
    ({"name": "adam", "rate": 0.01, "weightDecay": 0.1}, lambda p: O.Adam(p, 0.01, weight_decay=0.1)),
    ({"name": "adamw"}, lambda p: O.AdamW(p, 0.001, weight_decay=0.01)),
    ({"name": "nadam", "rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6, "momentumDecay": 0.03, "weightDecay": 0.1},
     lambda p: NAdam(p, 0.02, (0.8, 0.99), 1e-6, 0.1, 0.03)),
    ({"name": "sgd", "rate": 0.1, "clipNorm": 0.5}, lambda p: O.SGD(p, 0.1)),
    ({"name": "adam", "rate": 0.01, "weightDecay": 0.1, "clipNorm": 0.2}, lambda p: O.Adam(p, 0.01, weight_decay=0.1)),
    ({"name": "sgd", "rate": 0.1, "momentum": 0.5, "clipValue": 0.1}, lambda p: O.SGD(p, 0.1, momentum=0.5)),
]


def runs():
    """Returns six steps on a graph with a skip and two outputs, once for each optimizer."""
    out = []
    sizes = {"a": 3, "b": 2, "h": 4, "y": 3, "z": 1}
    kinds = {"a": "input", "b": "input", "h": "hidden", "y": "output", "z": "output"}
    edges = [("a", "h"), ("b", "h"), ("h", "y"), ("a", "y"), ("h", "z")]
    for spec, make in OPTIMIZERS:
        W = {e: (torch.rand(sizes[e[0]], sizes[e[1]]) * 2 - 1).requires_grad_(True) for e in edges}
        B = {n: (torch.rand(sizes[n]) - 0.5).requires_grad_(True) for n in sizes}
        start = {"bias": {n: b.tolist() for n, b in B.items()}, "weights": [W[e].tolist() for e in edges]}
        parameters = list(B.values()) + list(W.values())
        optimizer = make(parameters)
        rows, steps = 4, []
        for _ in range(6):
            xs = {n: torch.randn(rows, sizes[n]) for n in ("a", "b")}
            ts = {"y": torch.softmax(torch.randn(rows, 3), -1), "z": torch.randn(rows, 1)}
            h = torch.tanh(B["h"] + (xs["a"] + B["a"]) @ W["a", "h"] + (xs["b"] + B["b"]) @ W["b", "h"])
            y = torch.log_softmax(B["y"] + h @ W["h", "y"] + (xs["a"] + B["a"]) @ W["a", "y"], -1)
            z = B["z"] + h @ W["h", "z"]
            cost = (-(ts["y"] * y).sum() + ((z - ts["z"]) ** 2).sum()) / rows
            optimizer.zero_grad()
            cost.backward()
            if "clipNorm" in spec:
                torch.nn.utils.clip_grad_norm_(parameters, spec["clipNorm"])
            if "clipValue" in spec:
                torch.nn.utils.clip_grad_value_(parameters, spec["clipValue"])
            optimizer.step()
            steps.append({"xs": {n: v.tolist() for n, v in xs.items()}, "ts": {n: v.tolist() for n, v in ts.items()},
                          "cost": cost.item()})
        activation = {"a": "linear", "b": "linear", "h": "tanh", "y": "softmax", "z": "linear"}
        loss = {"y": "crossEntropy", "z": "mse"}
        out.append({
            "optimizer": spec,
            "layers": [{"kind": kinds[n], "name": n, "size": sizes[n], "activation": activation[n],
                        **({"loss": loss[n]} if n in loss else {})} for n in sizes],
            "synapses": [{"from": a, "to": b} for a, b in edges], "start": start, "steps": steps,
            "end": {"bias": {n: b.tolist() for n, b in B.items()}, "weights": [W[e].tolist() for e in edges]},
        })
    return out


SCHEDULES = [
    ({"name": "constant", "rate": 0.3, "warmup": 7}, lambda o: schedulers.LambdaLR(o, lambda s: min(1, (s + 1) / 7))),
    ({"name": "step", "rate": 0.3, "every": 5}, lambda o: schedulers.StepLR(o, 5)),
    ({"name": "step", "rate": 0.3, "every": 3, "factor": 0.7}, lambda o: schedulers.StepLR(o, 3, 0.7)),
    ({"name": "exponential", "rate": 0.3, "factor": 0.93}, lambda o: schedulers.ExponentialLR(o, 0.93)),
    ({"name": "cosine", "rate": 0.3, "steps": 39, "floor": 0.02}, lambda o: schedulers.CosineAnnealingLR(o, 39, 0.02)),
    ({"name": "cosine", "rate": 0.3, "steps": 10, "restarts": 3},
     lambda o: schedulers.CosineAnnealingWarmRestarts(o, 10)),
    ({"name": "cosine", "rate": 0.3, "steps": 6, "restarts": 2, "growth": 2, "floor": 0.01},
     lambda o: schedulers.CosineAnnealingWarmRestarts(o, 6, 2, 0.01)),
    ({"name": "oneCycle", "rate": 0.3, "steps": 40}, lambda o: schedulers.OneCycleLR(o, 0.3, 40)),
    ({"name": "oneCycle", "rate": 0.3, "steps": 33, "start": 0.45, "divisor": 10, "finalDivisor": 50},
     lambda o: schedulers.OneCycleLR(o, 0.3, 33, pct_start=0.45, div_factor=10, final_div_factor=50)),
]


def rates():
    out = []
    for spec, make in SCHEDULES:
        optimizer = O.SGD([torch.zeros(1)], spec["rate"])
        scheduler = make(optimizer)
        values = []
        for _ in range(spec["steps"] if spec["name"] == "oneCycle" else 40):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if len(values) < (spec["steps"] if spec["name"] == "oneCycle" else 40):
                scheduler.step()
        out.append({"rate": spec, "values": values})
    return out


json.dump({"training": runs(), "rates": rates()}, open(OUT, "w"), allow_nan=False)
