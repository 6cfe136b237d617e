"""numpy on its BLAS, one thread: the forward and backward passes written out, a matrix product each."""

import numpy as np

precisions = ["float64", "float32"]
version = np.__version__


class Contender:
    def __init__(self, network, weights, data, precision):
        self.network, self.kind = network, np.dtype(precision)
        self.bias = {name: own["bias"].astype(self.kind) for name, own in weights.items()}
        self.weights = {
            (source, name): w.astype(self.kind) for name, own in weights.items() for source, w in own["from"].items()
        }
        batch = network["batch"]
        self.batches = [
            [{name: all[at : at + batch].astype(self.kind) for name, all in part.items()} for part in data]
            for at in range(0, network["rows"], batch)
        ]
        self.next = 0

    def forward(self, xs):
        post = dict(xs)
        for layer in self.network["layers"]:
            name = layer["name"]
            z = self.bias[name]
            for source in layer["from"]:
                z = post[source] @ self.weights[source, name] + z
            if layer["activation"] == "sigmoid":
                post[name] = 1 / (1 + np.exp(-z))
            else:
                e = np.exp(z - z.max(axis=1, keepdims=True))
                post[name] = e / e.sum(axis=1, keepdims=True)
        return post

    def step(self, xs, ts):
        network = self.network
        post = self.forward(xs)
        mse = network["loss"] == "mse"
        by = {name: (2 if mse else 1) * (post[name] - t) for name, t in ts.items()}
        step = self.kind.type(network["rate"] / network["batch"])
        changes = []
        for layer in reversed(network["layers"]):
            name = layer["name"]
            d = by[name]
            if layer["activation"] == "sigmoid":
                d = d * post[name] * (1 - post[name])
            changes.append((self.bias[name], d.sum(axis=0)))
            for source in layer["from"]:
                w = self.weights[source, name]
                changes.append((w, post[source].T @ d))
                if source not in xs:
                    back = d @ w.T
                    by[source] = by[source] + back if source in by else back
        for value, change in changes:
            value -= step * change

    def train(self, steps):
        for _ in range(steps):
            self.step(*self.batches[self.next])
            self.next = (self.next + 1) % len(self.batches)

    def predict(self, first):
        post = self.forward(self.batches[first // self.network["batch"]][0])
        return {name: post[name] for name in self.network["outputs"]}
