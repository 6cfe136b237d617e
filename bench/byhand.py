# The programs of toTorch beside the same networks written by hand, in turn: byhand.py FOLDER ROUNDS. Both train for some epochs,
# from files to a file and from arrays, by the processor's time on one thread.

import argparse
import contextlib
import importlib
import io
import json
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

folder, rounds = sys.argv[1], int(sys.argv[2])
os.chdir(folder)
sys.path.insert(0, folder)
torch.set_num_threads(1)


class Steps(nn.Module):
    """Returns the steps of a cell, and takes the classes of each."""

    def __init__(self, cell, size, width):
        super().__init__()
        self.cell = cell(width, size, batch_first=True)
        self.last = nn.Linear(size, width)

    def forward(self, x):
        return self.last(self.cell(x)[0]).flatten(0, 1)


def dense(*sizes):
    layers = [layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def pictures():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        *(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(8, 16, 5), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(256, 10)),
    )


models = {
    "small": lambda: dense(64, 64, 64, 10),
    "digits": lambda: dense(784, 128, 10),
    "wide": lambda: dense(1024, 1024, 1024, 10),
    "pictures": pictures,
    "lstm": lambda: Steps(nn.LSTM, 128, 65),
    "gru": lambda: Steps(nn.GRU, 16, 2),
}


def by_hand(model, x, t, epochs, batch):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(epochs):
        total = 0.0
        for index in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad(set_to_none=True)
            cost = F.cross_entropy(model(x[index]), t[index].flatten())
            cost.backward()
            optimizer.step()
            total += cost.detach() * len(index)
        total.item()


found = []
for case in json.load(open("cases.json")):
    stem, epochs, batch = case["stem"], case["epochs"], case["batch"]
    module = importlib.import_module(stem)
    data, _ = module.read(f"{stem}-data.safetensors")
    x, t = data["xs.x"], data["ts.y"]
    model = models[case["name"]]().to(x.dtype)
    files = {"data": [f"{stem}-data.safetensors"], "out": "out.safetensors", "weights": module.WEIGHTS}
    args = argparse.Namespace(**files, epochs=epochs, batch=batch, no_shuffle=False)

    def written():
        with contextlib.redirect_stdout(io.StringIO()):
            module.train(args, 0, 1, torch.device("cpu"))

    times = []
    for _ in range(rounds + 1):
        pair = []
        for run in (written, lambda: by_hand(model, x, t, epochs, batch)):
            start = time.process_time()
            run()
            pair.append(time.process_time() - start)
        times.append(pair)
    times = times[1:]  # the first warms up
    middle = lambda values: sorted(values)[rounds // 2]
    rows = len(x) * epochs
    found.append(
        {
            "title": case["title"],
            "precision": case["precision"],
            "written": rows / middle(a for a, _ in times),
            "byHand": rows / middle(b for _, b in times),
            "share": middle(b / a for a, b in times),
        }
    )
print(json.dumps(found))
