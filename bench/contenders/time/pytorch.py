"""PyTorch, eager, one thread: its own LSTM and GRU, gradients and SGD."""

import torch
import torch.nn.functional as F

version = torch.__version__
note = "learns two biases a gate, whose sum counts: the second ones are put back in the check"
torch.set_num_threads(1)


def refuses(network):
    return "its reset gate acts after the product" if network["layers"][0].get("reset") == "before" else None


class Contender:
    def __init__(self, network, weights, data, precision):
        self.network, self.kind = network, getattr(torch, precision)
        cell, output = network["layers"]
        kind, name, source = cell["cell"], cell["name"], network["inputs"][0]["name"]
        own = lambda part: weights[f"{name}.{part}"]
        rows = lambda parts, of: torch.cat([torch.tensor(own(part)["from"][of].T) for part in parts]).to(self.kind)
        biases = lambda parts: torch.cat([torch.tensor(own(part)["bias"]) for part in parts]).to(self.kind)
        width, units = network["inputs"][0]["size"], cell["size"]
        make = torch.nn.LSTM if kind == "lstm" else torch.nn.GRU
        self.cell = make(width, units, batch_first=True, dtype=self.kind)
        gates = ["input", "forget", "candidate", "output"] if kind == "lstm" else ["reset", "update", "candidate"]
        inner = gates if kind == "lstm" else ["reset", "update", "recall"]
        # The second biases that add to the first ones.
        self.twice = slice(0, 4 * units if kind == "lstm" else 2 * units)
        with torch.no_grad():
            self.cell.weight_ih_l0.copy_(rows(gates, source))
            self.cell.weight_hh_l0.copy_(rows(inner, name))
            self.cell.bias_ih_l0.copy_(biases(gates))
            self.cell.bias_hh_l0.copy_(biases(inner))
            self.cell.bias_hh_l0[self.twice] = 0
        self.readout = torch.nn.Linear(units, output["size"], dtype=self.kind)
        with torch.no_grad():
            self.readout.weight.copy_(torch.tensor(weights[output["name"]]["from"][name].T))
            self.readout.bias.copy_(torch.tensor(weights[output["name"]]["bias"]))
        batch = network["batch"]
        xs, ts = data[0][source], data[1][output["name"]]
        self.isClass = network["loss"] == "crossEntropy"
        targets = torch.tensor(ts)
        targets = targets.argmax(2) if self.isClass else targets.to(self.kind)
        self.batches = [
            (torch.tensor(xs[at : at + batch], dtype=self.kind), targets[at : at + batch])
            for at in range(0, network["rows"], batch)
        ]
        self.steps = [step.reshape(1, 1, -1) for step in self.batches[0][0][0]]
        self.state, self.step, self.next = None, 0, 0
        self.parameters = [*self.cell.parameters(), *self.readout.parameters()]
        self.optimizer = torch.optim.SGD(self.parameters, lr=network["rate"])

    def train(self, steps):
        for _ in range(steps):
            xs, ts = self.batches[self.next]
            y = self.readout(self.cell(xs)[0])
            cost = F.cross_entropy(y.flatten(0, 1), ts.flatten()) if self.isClass else F.mse_loss(y, ts)
            self.optimizer.zero_grad(set_to_none=True)
            cost.backward()
            self.optimizer.step()
            self.next = (self.next + 1) % len(self.batches)

    def check(self, steps):
        for _ in range(steps):
            self.train(1)
            with torch.no_grad():
                self.cell.bias_hh_l0[self.twice] = 0

    def output(self, h):
        y = self.readout(h)
        return torch.softmax(y, 2) if self.isClass else y

    def stream(self, steps):
        with torch.no_grad():
            for _ in range(steps):
                h, self.state = self.cell(self.steps[self.step], self.state)
                self.output(h).numpy()
                self.step = (self.step + 1) % len(self.steps)

    def predict(self, first):
        with torch.no_grad():
            h, _ = self.cell(self.batches[first // self.network["batch"]][0])
            return {self.network["outputs"][0]: self.output(h).numpy()}
