"""Small networks as PyTorch exports them, with values and what PyTorch computes from them.

Run with Debian's python3-torch:  /usr/bin/python3 exports.py SEED OUT.json
"""
import base64
import io
import json
import sys

import torch
from torch import nn
import torch.nn.functional as F

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


def between(activation):
    return nn.Sequential(nn.Linear(4, 6), activation, nn.Linear(6, 3))


ACTIVATIONS = {
    "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "relu": nn.ReLU(), "leakyRelu": nn.LeakyReLU(0.2), "elu": nn.ELU(0.7),
    "selu": nn.SELU(), "gelu": nn.GELU(), "silu": nn.SiLU(), "mish": nn.Mish(), "softplus": nn.Softplus(),
    "softsign": nn.Softsign(), "hardSigmoid": nn.Hardsigmoid(), "softmax": nn.Softmax(-1), "celu": nn.CELU(1.3),
    "relu6": nn.ReLU6(), "hardtanh": nn.Hardtanh(), "prelu": nn.PReLU(), "softmin": nn.Softmin(-1),
    "batch norm": nn.BatchNorm1d(6), "layer norm": nn.LayerNorm(6), "dropout": nn.Dropout(0.5),
    "gelu by tanh": nn.GELU(approximate="tanh"), "hardswish": nn.Hardswish(), "log softmax": nn.LogSoftmax(-1),
}

# name -> network, shapes of the inputs without the batch
NETWORKS = {name: (between(module), [(4,)]) for name, module in ACTIVATIONS.items()}
NETWORKS.update({
    "functions": (Network(lambda m, x: m.b(torch.exp(m.a(x) * 0.1) + torch.sin(x) - x.abs()), a=nn.Linear(4, 4), b=nn.Linear(4, 2)), [(4,)]),
    "written out": (Network(lambda m, x: x * torch.sigmoid(x) + x / (1 + x.abs()) + torch.log(1 + torch.exp(x)) + F.softplus(x).tanh() * x
                            + 0.5 * x * (1 + torch.erf(x * 0.7071067811865476)) + torch.max(x, 0.01 * x) + (x + 3).clamp(0, 6) / 6), [(4,)]),
    "norm written out": (Network(lambda m, x: (x - x.mean(-1, True)) / torch.sqrt(x.var(-1, False, True) + 1e-3) * 2 + 1), [(6,)]),
    "residual": (Network(lambda m, x: m.c(x + F.relu(m.b(F.relu(m.a(x))))), a=nn.Linear(4, 5), b=nn.Linear(5, 4), c=nn.Linear(4, 2)), [(4,)]),
    "two inputs": (Network(lambda m, x, z: m.a(torch.cat([x, torch.tanh(m.b(z))], 1)), a=nn.Linear(7, 2), b=nn.Linear(3, 3)), [(4,), (3,)]),
    "two outputs": (Network(lambda m, x: (m.b(torch.relu(m.a(x))), torch.sigmoid(m.c(torch.relu(m.a(x))))), a=nn.Linear(4, 5), b=nn.Linear(5, 2), c=nn.Linear(5, 1)), [(4,)]),
    "chunks": (Network(lambda m, x: m.a(x.chunk(2, 1)[0] - 2 * x.chunk(2, 1)[1])[:, 1:], a=nn.Linear(2, 3)), [(4,)]),
    "view": (Network(lambda m, x: m.a(x.view(x.size(0), -1)), a=nn.Linear(6, 2)), [(2, 3)]),
    "flatten": (nn.Sequential(nn.Flatten(), nn.Linear(6, 2), nn.ReLU()), [(2, 3)]),
    "sequence": (Network(lambda m, x: m.b(torch.softmax(m.a(x), -1).transpose(1, 2)).mean(1), a=nn.Linear(3, 5), b=nn.Linear(2, 4)), [(2, 3)]),
    "norm of two axes": (nn.Sequential(nn.LayerNorm((2, 3), eps=1e-3), nn.Flatten(), nn.Linear(6, 2)), [(2, 3)]),
    "no bias": (nn.Sequential(nn.Linear(4, 5, bias=False), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2, bias=False)), [(4,)]),
    "shared": (Network(lambda m, x, z: m.b(torch.tanh(m.a(x)) + torch.tanh(m.a(z))), a=nn.Linear(4, 5), b=nn.Linear(5, 2)), [(4,), (4,)]),
    "product": (Network(lambda m, x, z: m.a(x) * m.a(z), a=nn.Linear(4, 5)), [(4,), (4,)]),
    "over the batch": (Network(lambda m, x: x - x.mean(0)), [(4,)]),
    "float64": (nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.LayerNorm(5), nn.Linear(5, 2)).double(), [(4,)]),
})


def tensor(values):
    return {"shape": list(values.shape), "values": values.double().flatten().tolist()}


cases = []
for name, (network, shapes) in NETWORKS.items():
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            for values in (module.weight.data, module.bias.data, module.running_mean):
                values.normal_()
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, nn.LayerNorm):
            module.weight.data.normal_()
            module.bias.data.normal_()
    network.eval()
    kind = torch.float64 if name == "float64" else torch.float32
    inputs = [torch.randn(5, *shape, dtype=kind) * 2 for shape in shapes]
    with torch.no_grad():
        outputs = network(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    names = [f"in{i}" for i in range(len(inputs))], [f"out{i}" for i in range(len(outputs))]
    for opset in (12, 16):
        file = io.BytesIO()
        torch.onnx.export(network, tuple(inputs), file, opset_version=opset, input_names=names[0], output_names=names[1],
                          dynamic_axes={} if opset == 12 else {one: {0: "N"} for one in names[0] + names[1]})
        cases.append({
            "name": name, "opset": opset, "file": base64.b64encode(file.getvalue()).decode(),
            "inputs": {one: tensor(values) for one, values in zip(names[0], inputs)},
            "outputs": {one: tensor(values) for one, values in zip(names[1], outputs)},
        })

with open(OUT, "w") as f:
    json.dump({"torch": torch.__version__, "seed": SEED, "cases": cases}, f)
    f.write("\n")
