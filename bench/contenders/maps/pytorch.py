"""PyTorch, eager, one thread: its own gradients and its own SGD. Its arrays have channels before height and width."""

import torch
import torch.nn.functional as F

version = torch.__version__
torch.set_num_threads(1)


class Contender:
    layout, has_sparse_gradients = torch.contiguous_format, False

    def __init__(self, network, weights, data, precision):
        self.network = network
        kind = getattr(torch, precision)
        source = network["inputs"][0]
        self.layers, parameters = [], []
        live = lambda values: self.laid(torch.tensor(values, dtype=kind)).requires_grad_()
        for layer in network["layers"]:
            own, link = weights[layer["name"]], layer.get("link", {"kind": "dense"})
            w = next(iter(own["from"].values()), None)
            if link["kind"] == "conv":
                w = w.transpose(3, 2, 0, 1).copy()
            elif link["kind"] == "dense":
                w = self.flattened(w, source).T.copy()
            layer = {**layer, "w": None if w is None else live(w), **link}
            layer["b"] = None if own["bias"] is None else live(own["bias"])
            parameters += [each for each in (layer["w"], layer["b"]) if each is not None]
            self.layers.append(layer)
            source = layer
        shape, batch = network["inputs"][0]["shape"], network["batch"]
        xs = next(iter(data[0].values())).reshape(-1, *shape)
        xs = xs.transpose(0, 3, 1, 2) if len(shape) == 3 else xs
        is_class = "classes" in network["inputs"][0]
        xs = torch.tensor(xs.copy(), dtype=torch.int64 if is_class else kind)
        xs = self.laid(xs)
        ts = torch.tensor(next(iter(data[1].values())).argmax(1))
        self.batches = [(xs[at : at + batch], ts[at : at + batch]) for at in range(0, network["rows"], batch)]
        self.next = 0
        self.optimizer = torch.optim.SGD(parameters, lr=network["rate"])

    def laid(self, values):
        return values.clone(memory_format=self.layout) if values.ndim == 4 else values

    def flattened(self, w, source):
        """Puts rows in the order of (channels, height, width)."""
        shape = source.get("shape", [])
        if len(shape) < 3 or source["link"]["kind"] == "averagePool":
            return w
        return w.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(w.shape)

    def forward(self, x, raw):
        for layer in self.layers:
            kind, w, b = layer.get("kind"), layer["w"], layer["b"]
            if kind == "conv":
                x = F.conv2d(x, w, b, layer.get("stride", 1), layer.get("padding", 0), groups=layer.get("groups", 1))
            elif kind == "maxPool":
                x = F.max_pool2d(x, layer["kernel"])
            elif kind == "averagePool":
                x = x.mean((2, 3))
            elif kind == "embedding":
                x = F.embedding(x, w, sparse=self.has_sparse_gradients)
            else:
                x = F.linear(x.flatten(1), w, b)
            if layer["activation"] == "relu":
                x = F.relu(x)
        return x if raw else torch.softmax(x, 1)

    def train(self, steps):
        for _ in range(steps):
            x, t = self.batches[self.next]
            self.optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(self.forward(x, True), t).backward()
            self.optimizer.step()
            self.next = (self.next + 1) % len(self.batches)

    def predict(self, first):
        with torch.no_grad():
            y = self.forward(self.batches[first // self.network["batch"]][0], False)
        return {self.network["outputs"][0]: y.numpy()}
