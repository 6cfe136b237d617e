"""Values that vocabulary.json lacks: the rules' parameters, exp and sin, both tails, and losses on their activations.

Computed by PyTorch in float64, with Debian's python3-torch:  /usr/bin/python3 more.py > more.json
A cost is the sum over units, and the mean over the samples of a batch. All inputs are numbers of float32 too.
"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(4)


def narrow(x):
    """Returns numbers, rounded to float32."""
    return torch.as_tensor(x).float().double()


def softplus(x):
    return F.softplus(x, threshold=600)  # PyTorch's own 20 leaves out e^-20 and less


ACTIVATIONS = {
    "linear": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": softplus,
    "softsign": F.softsign,
    "hardSigmoid": lambda x: torch.clamp(x / 6 + 0.5, 0, 1),
    "exp": torch.exp,
    "sin": torch.sin,
    "softmax": lambda x: torch.softmax(x, -1),
}

TAILS = [[-500, -100.25, -38.5, -12, -2.5, -1e-30, -0.0], [0.0, 1e-30, 2.5, 12, 20.5, 100.25, 500]]
MODERATE = [[-500, -80.5, -38.5, -12, -2.5, -1e-30, -0.0], [0.0, 1e-30, 1.5, 2.5, 12, 20.5, 80.5]]
TURNS = [[-1e22, -1647099.5, -355, -3.1415927, -1e-20, 22.25, 3e37], [1.5707964, 710, 12345.678, 1e6, 1e9, 1e15, 8e30]]


def activation_cases():
    cases = [({"name": "elu", "alpha": 1.5}, lambda x: F.elu(x, 1.5), TAILS)]
    cases += [({"name": "elu", "alpha": 0.25}, lambda x: F.elu(x, 0.25), TAILS)]
    cases += [({"name": "leakyRelu", "slope": 0.25}, lambda x: F.leaky_relu(x, 0.25), TAILS)]
    cases += [({"name": "leakyRelu", "slope": -1.5}, lambda x: F.leaky_relu(x, -1.5), TAILS)]
    cases += [(name, f, TAILS if name != "exp" else MODERATE) for name, f in ACTIVATIONS.items()]
    cases += [("sin", torch.sin, TURNS)]
    for option, f, rows in cases:
        x = torch.cat([narrow(torch.randn(2, 7) * 2), narrow(rows)]).requires_grad_(True)
        y = f(x)
        dy = narrow(torch.randn_like(y))
        y.backward(dy)
        yield {"activation": option, "x": x.tolist(), "y": y.tolist(), "dy": dy.tolist(), "dx": x.grad.tolist()}


def cross_entropy(y, t): return -t * torch.log(y).clamp(min=-100)
def entropy(y, t): return F.binary_cross_entropy(y, t, reduction="none")
def poisson(y, t): return F.poisson_nll_loss(y, t, log_input=False, eps=0, reduction="none")
def kl(y, t): return F.kl_div(torch.log(y), t, reduction="none")
def log_cosh(y, t): return (y - t).abs() + softplus(-2 * (y - t).abs()) - torch.log(torch.tensor(2.0))


def output_cases():
    """Returns cases of z, a layer's pre-activation, and t, with the cost and its derivative by z."""
    rows, n = 4, 5
    z = torch.randn(rows, n) * 3
    shares = torch.rand(rows, n)
    distribution = torch.softmax(torch.randn(rows, n) * 2, -1)
    one_hot = F.one_hot(torch.tensor([0, 3, 4, 1]), n).double()
    counts = torch.randint(0, 5, (rows, n)).double()
    huge = torch.tensor([[900.0, -900, 0, 1, 2], [-1e4, -1e4, 1e4, 0, 0], [1, 2, 3, 4, 500], [-800, -801, -802, -803, -804]])
    signs = torch.sign(torch.randn(rows, n))
    act = ACTIVATIONS
    s = 0.125
    yield "softmax", "kl", z, distribution, lambda z, t: F.kl_div(F.log_softmax(z, -1), t, reduction="none")
    yield "softmax", "kl", huge, one_hot, lambda z, t: F.kl_div(F.log_softmax(z, -1), t, reduction="none")
    yield "softmax", "kl", z, shares, lambda z, t: F.kl_div(F.log_softmax(z, -1), t, reduction="none")
    yield "softmax", "crossEntropy", huge, one_hot, lambda z, t: -t * F.log_softmax(z, -1)
    smoothed = {"name": "crossEntropy", "smoothing": s}
    for at, t in (z, distribution), (z, one_hot), (huge, one_hot):
        yield "softmax", smoothed, at, t, lambda z, t: F.cross_entropy(z, t, label_smoothing=s, reduction="none")
    yield "sigmoid", smoothed, z, shares, lambda z, t: cross_entropy(torch.sigmoid(z), t * (1 - s) + s / n)
    yield "sigmoid", "crossEntropy", z, shares, lambda z, t: cross_entropy(torch.sigmoid(z), t)
    smoothed = {"name": "entropy", "smoothing": s}
    for at in z, huge:
        yield "sigmoid", smoothed, at, shares, lambda z, t: F.binary_cross_entropy_with_logits(z, t * (1 - s) + s / 2, reduction="none")
        yield "sigmoid", "entropy", at, shares, lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction="none")
    yield "softmax", smoothed, z, one_hot, lambda z, t: entropy(torch.softmax(z, -1), t * (1 - s) + s / 2)
    yield "softmax", "entropy", z, one_hot, lambda z, t: entropy(torch.softmax(z, -1), t)
    flat = torch.tensor([[-2.5, 2.5, 0, -4, 4]]).repeat(rows, 1)
    yield "hardSigmoid", "entropy", flat, shares, lambda z, t: entropy(act["hardSigmoid"](z), t)
    for delta in 0.5, 2.0:
        yield "linear", {"name": "huber", "delta": delta}, z, signs, lambda z, t: F.huber_loss(z, t, reduction="none", delta=delta)
    for name in "softplus", "exp", "sigmoid":
        yield name, "poisson", z, counts, lambda z, t: poisson(act[name](z), t)
        yield name, "kl", z, shares, lambda z, t: kl(act[name](z), t)
    yield "linear", "logCosh", z, signs, log_cosh
    yield "linear", "logCosh", huge, signs, log_cosh
    yield "tanh", "hinge", z, signs, lambda z, t: torch.relu(1 - torch.tanh(z) * t)
    yield "linear", "hinge", z, signs, lambda z, t: torch.relu(1 - z * t)
    yield "gelu", "mae", z, signs, lambda z, t: (F.gelu(z) - t).abs()
    yield "mish", "mse", huge / 16, signs, lambda z, t: (F.mish(z) - t) ** 2


def outputs():
    for activation, loss, z, t, cost in output_cases():
        z, t = narrow(z).requires_grad_(True), narrow(t)
        total = cost(z, t).sum() / len(z)
        total.backward()
        yield {"activation": activation, "loss": loss, "z": z.tolist(), "t": t.tolist(), "cost": total.item(), "dz": z.grad.tolist()}


print(json.dumps({"activations": list(activation_cases()), "outputs": list(outputs())}, allow_nan=False))
