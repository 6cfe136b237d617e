"""Small recurrent networks as PyTorch exports them, with values and what PyTorch computes from them.

Run with Debian's python3-torch:  /usr/bin/python3 recurrent.py SEED OUT.json
Each is exported for one sample of fixed steps, for several of fixed steps, and for any number of both.
"""
import base64
import io
import json
import sys

import torch
from torch import nn

SEED, OUT = int(sys.argv[1]), sys.argv[2]
torch.manual_seed(SEED)


class Network(nn.Module):
    """Modules by name, and a function of them and the inputs."""

    def __init__(self, compute, **modules):
        super().__init__()
        self.compute = compute
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, *inputs):
        return self.compute(self, *inputs)


def ends(h):
    """The last states of both directions side by side."""
    return torch.cat([h[-2], h[-1]], -1)


def given(m, x):
    """An LSTM that starts at states which it learns, the same for all samples."""
    start = tuple(one.expand(1, x.shape[0], 3).contiguous() for one in (m.h, m.c))
    return m.a(x, start)[0]


def with_states(network):
    network.h, network.c = (nn.Parameter(torch.randn(1, 1, 3)) for _ in range(2))
    return network


FIRST = {"batch_first": True}
# name -> network, whether steps come before samples
NETWORKS = {
    "rnn": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.RNN(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
    "rnn of relu": (Network(lambda m, x: m.a(x)[0], a=nn.RNN(2, 3, nonlinearity="relu", bias=False, **FIRST)), False),
    "lstm": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.LSTM(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
    "gru": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.GRU(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
    "lstm, steps first": (Network(lambda m, x: torch.tanh(m.b(m.a(x)[0])), a=nn.LSTM(2, 3), b=nn.Linear(3, 2)), True),
    "gru, last state": (Network(lambda m, x: m.b(m.a(x)[1][0]), a=nn.GRU(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
    "lstm, last step": (Network(lambda m, x: m.b(m.a(x)[0][:, -1]), a=nn.LSTM(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
    "lstm, last step of steps first": (Network(lambda m, x: m.b(m.a(x)[0][-1]), a=nn.LSTM(2, 3), b=nn.Linear(3, 2)), True),
    "lstm, states": (Network(lambda m, x: (m.a(x)[1][0][0], m.a(x)[1][1][0]), a=nn.LSTM(2, 3, **FIRST)), False),
    "both directions": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.LSTM(2, 3, bidirectional=True, **FIRST), b=nn.Linear(6, 2)), False),
    "both directions, last states": (Network(lambda m, x: m.b(ends(m.a(x)[1])), a=nn.GRU(2, 3, bidirectional=True, **FIRST), b=nn.Linear(6, 2)), False),
    "two layers": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.GRU(2, 3, 2, bidirectional=True, **FIRST), b=nn.Linear(6, 2)), False),
    "before and after": (Network(lambda m, x: m.c(torch.relu(m.a(x)) + m.b(torch.relu(m.a(x)))[0]), a=nn.Linear(2, 3), b=nn.LSTM(3, 3, **FIRST), c=nn.Linear(3, 2)), False),
    "own states": (with_states(Network(given, a=nn.LSTM(2, 3, **FIRST))), False),
    "norm": (Network(lambda m, x: m.b(m.a(x)[0]), a=nn.LSTM(2, 3, **FIRST), b=nn.LayerNorm(3)), False),
    "shifted": (Network(lambda m, x: m.b(nn.functional.pad(m.a(x)[0][:, :-1], (0, 0, 1, 0))), a=nn.RNN(2, 3, **FIRST), b=nn.Linear(3, 2)), False),
}


def tensor(values):
    return {"shape": list(values.shape), "values": values.double().flatten().tolist()}


cases = []
for name, (network, steps_first) in NETWORKS.items():
    network.eval()
    for form, (k, t) in {"one sample": (1, 4), "samples": (3, 4), "any": (2, 3)}.items():
        x = torch.randn(*((t, k) if steps_first else (k, t)), 2)
        # Values of other sizes than those of the export, where a file is for any.
        example = torch.randn(*((5, 4) if steps_first else (4, 5)), 2) if form == "any" else x
        with torch.no_grad():
            outputs = network(x)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        names = [f"out{i}" for i in range(len(outputs))]
        samples, steps = (1, 0) if steps_first else (0, 1)
        axes = {"in0": {samples: "N", steps: "T"}, **{one: {samples if values.dim() == 3 else 0: "N", **({steps: "T"} if values.dim() == 3 else {})} for one, values in zip(names, outputs)}}
        file = io.BytesIO()
        torch.onnx.export(network, (example,), file, opset_version=16 if form == "any" else 12, input_names=["in0"], output_names=names,
                          dynamic_axes=axes if form == "any" else {})
        cases.append({
            "name": name, "form": form, "stepsFirst": steps_first, "file": base64.b64encode(file.getvalue()).decode(),
            "inputs": {"in0": tensor(x.transpose(0, 1) if steps_first else x)},
            "outputs": {one: tensor(values.transpose(0, 1) if steps_first and values.dim() == 3 else values) for one, values in zip(names, outputs)},
        })

with open(OUT, "w") as f:
    json.dump({"torch": torch.__version__, "seed": SEED, "cases": cases}, f)
    f.write("\n")
