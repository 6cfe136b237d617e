# Writes theirs.safetensors beside this file: a graph by the reference implementation of safetensors (pip install safetensors,
# 0.8.0, over Rust). Its order of tensors is not ours. Usage: python3 safetensors.py

import json
import pathlib
import sys

sys.path.pop(0)  # this file has the name of the package

import numpy  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

graph = {
    "precision": "float32",
    "seed": 7,
    "generators": {"shuffles": 3},
    "optimizer": {"name": "sgd", "rate": 0.25},
    "layers": [
        {"name": "x", "kind": "input", "size": 3, "activation": "linear"},
        {"name": "a.b", "kind": "hidden", "size": 2, "activation": "tanh"},
        {"name": "größe", "kind": "output", "size": 1, "activation": "linear", "loss": "mse"},
    ],
    "synapses": [
        {"from": "x", "to": "a.b", "init": "glorot"},
        {"from": "a.b", "to": "größe", "init": "uniform"},
        {"from": "x", "to": "größe", "name": "skip", "init": "uniform"},
    ],
}


def numbers(start, *shape):
    """Returns start, start + 1/8, start + 2/8, …"""
    count = int(numpy.prod(shape))
    return (start + numpy.arange(count) / 8).astype(numpy.float32).reshape(shape)


save_file(
    {
        "bias.x": numbers(0, 3),
        "bias.a.b": numbers(1, 2),
        "bias.größe": numbers(2, 1),
        "weight.0.x.a.b": numbers(-1, 3, 2),
        "weight.1.a.b.größe": numbers(-2, 2, 1),
        "weight.2.x.größe": numbers(-3, 3, 1),
    },
    pathlib.Path(__file__).with_name("theirs.safetensors"),
    metadata={"format": "plexus", "version": "1", "graph": json.dumps(graph)},
)
