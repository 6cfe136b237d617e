"""PyTorch, eager, one thread: its own gradients and its own SGD."""

import torch
import torch.nn.functional as F

precisions = ["float32"]
version = torch.__version__
torch.set_num_threads(1)


class Contender:
    def __init__(self, network, weights, data, precision):
        self.network = network
        kind = getattr(torch, precision)
        self.bias = {name: torch.tensor(own["bias"], dtype=kind, requires_grad=True) for name, own in weights.items()}
        self.weights = {
            (source, name): torch.tensor(w, dtype=kind, requires_grad=True)
            for name, own in weights.items()
            for source, w in own["from"].items()
        }
        batch = network["batch"]
        self.batches = [
            [{name: torch.tensor(all[at : at + batch], dtype=kind) for name, all in part.items()} for part in data]
            for at in range(0, network["rows"], batch)
        ]
        self.next = 0
        self.optimizer = torch.optim.SGD([*self.bias.values(), *self.weights.values()], lr=network["rate"])

    def forward(self, xs, raw):
        post = dict(xs)
        for layer in self.network["layers"]:
            name = layer["name"]
            z = self.bias[name]
            for source in layer["from"]:
                w = self.weights[source, name]
                z = torch.addmm(z, post[source], w)
            post[name] = torch.sigmoid(z) if layer["activation"] == "sigmoid" else z if raw else torch.softmax(z, 1)
        return post

    def train(self, steps):
        for _ in range(steps):
            xs, ts = self.batches[self.next]
            post = self.forward(xs, True)
            if self.network["loss"] == "mse":
                cost = sum(((post[name] - t) ** 2).sum() for name, t in ts.items())
            else:
                cost = sum(-(t * F.log_softmax(post[name], 1)).sum() for name, t in ts.items())
            self.optimizer.zero_grad()
            (cost / self.network["batch"]).backward()
            self.optimizer.step()
            self.next = (self.next + 1) % len(self.batches)

    def predict(self, first):
        with torch.no_grad():
            post = self.forward(self.batches[first // self.network["batch"]][0], False)
        return {name: post[name].numpy() for name in self.network["outputs"]}
