"""Small convolutional networks as PyTorch exports them, with values and what PyTorch computes from them.

Run with Debian's python3-torch:  /usr/bin/python3 convnets.py SEED OUT.json
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


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
        self.b = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class Channels(nn.Module):
    """A layer norm over the channels of each position."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


IMAGE = (3, 5, 7)
WORDS = {"classes": 9, "shape": (6,)}

# name -> network, shapes of the inputs without the batch
NETWORKS = {
    "lenet": (nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                            nn.Linear(8, 5), nn.Softmax(-1)), [(1, 10, 12)]),
    "flatten": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(60, 4)), [IMAGE]),
    "separable": (nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU6(),
                                nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False), nn.BatchNorm2d(4), nn.ReLU6(), nn.Conv2d(4, 6, 1),
                                nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)), [IMAGE]),
    "residual": (nn.Sequential(nn.Conv2d(3, 4, 3), Residual(4), Residual(4), nn.AdaptiveMaxPool2d(1), nn.Flatten()), [IMAGE]),
    "before": (nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 2, 3), nn.ReLU(), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1)), [IMAGE]),
    "dilated": (nn.Sequential(nn.ZeroPad2d((2, 1, 0, 3)), nn.Conv2d(3, 4, (2, 3), dilation=(3, 2), stride=(1, 2))), [IMAGE]),
    "pools": (Network(lambda m, x: torch.cat([F.max_pool2d(x, 2, 2, ceil_mode=True), F.avg_pool2d(x, 3, 2, 1)[:, :, :3, :4],
                                              F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
                                              F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False),
                                              F.max_pool2d(x, 3, 2, 1)], 1)), [IMAGE]),
    "decoder": (Network(lambda m, x: m.b(F.relu(m.a(x)).view(-1, 2, 2, 3)), a=nn.Linear(4, 12), b=nn.Sequential(
        nn.ConvTranspose2d(2, 4, 3, 2, 1, 1), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(4, 3, 3, padding=1), nn.Sigmoid())), [(4,)]),
    "grouped transpose": (nn.Sequential(nn.ConvTranspose2d(4, 6, (2, 3), (2, 1), groups=2, bias=False), nn.BatchNorm2d(6)), [(4, 3, 2)]),
    "unet": (Network(lambda m, x: m.d(torch.cat([F.interpolate(m.b(F.max_pool2d(F.relu(m.a(x)), 2)), scale_factor=2), F.relu(m.a(x))], 1)),
                     a=nn.Conv2d(3, 2, 3, padding=1), b=nn.Conv2d(2, 4, 1), d=nn.Conv2d(6, 2, 1)), [(3, 4, 6)]),
    "norms": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.ReLU(), nn.Conv2d(4, 6, 2), nn.InstanceNorm2d(6, affine=True), nn.GELU(),
                            nn.GroupNorm(1, 6), nn.Conv2d(6, 2, 1)), [IMAGE]),
    "norm of channels": (nn.Sequential(nn.Conv2d(3, 4, 3), Channels(4), nn.Conv2d(4, 2, 1)), [IMAGE]),
    "squeeze and excite": (Network(lambda m, x: m.a(x) * torch.sigmoid(m.c(F.relu(m.b(F.adaptive_avg_pool2d(m.a(x), 1))))),
                                   a=nn.Conv2d(3, 4, 3), b=nn.Conv2d(4, 2, 1), c=nn.Conv2d(2, 4, 1)), [IMAGE]),
    "mean": (Network(lambda m, x: m.b(torch.relu(m.a(x)).mean((2, 3))), a=nn.Conv2d(3, 4, 3), b=nn.Linear(4, 2)), [IMAGE]),
    "segments": (nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Softmax2d()), [IMAGE]),
    "siamese": (Network(lambda m, x, z: m.b((torch.relu(m.a(x)) - torch.relu(m.a(z))).abs().flatten(1)), a=nn.Conv2d(3, 2, 3), b=nn.Linear(30, 2)),
                [IMAGE, IMAGE]),
    "wave": (nn.Sequential(nn.Conv1d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(4, 3, 2, dilation=2), nn.ELU(), nn.AvgPool1d(2),
                           nn.ConvTranspose1d(3, 2, 3, stride=2)), [(2, 11)]),
    "words": (Network(lambda m, x: m.c(F.adaptive_max_pool1d(F.relu(m.b(m.a(x).transpose(1, 2))), 1).flatten(1)),
                      a=nn.Embedding(9, 4), b=nn.Conv1d(4, 5, 3), c=nn.Linear(5, 2)), [WORDS]),
    "bag": (Network(lambda m, x, z: m.b(torch.cat([m.a(x).flatten(1), m.a(x[:, 1:3]).flatten(1), z], 1)), a=nn.Embedding(9, 3), b=nn.Linear(27, 2)),
            [WORDS, (3,)]),
    "reflection": (nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(3, 2, 3), nn.ReplicationPad2d((1, 0, 0, 2))), [IMAGE]),
    "channels last": (Network(lambda m, x: F.max_pool2d(F.relu(m.a(x.permute(0, 3, 1, 2))), 2).permute(0, 2, 3, 1), a=nn.Conv2d(3, 4, 2)), [(5, 7, 3)]),
    "channels last to the end": (Network(lambda m, x: m.b(F.relu(m.a(x.permute(0, 3, 1, 2))).permute(0, 2, 3, 1).flatten(1)), a=nn.Conv2d(3, 4, 2), b=nn.Linear(96, 2)),
                                 [(5, 7, 3)]),
    "shuffle": (nn.Sequential(nn.Conv2d(3, 8, 3), nn.PixelShuffle(2), nn.Conv2d(2, 1, 1)), [IMAGE]),
    "parts": (Network(lambda m, x: torch.cat([m.a(x[:, :1]), m.b(x.chunk(3, 1)[2])], 1)[:, :, 1:, :4], a=nn.Conv2d(1, 2, 3), b=nn.Conv2d(1, 2, 3)), [IMAGE]),
    "float64": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(8, 2)).double(), [IMAGE]),
    "bilinear": (nn.Sequential(nn.Conv2d(3, 2, 3), nn.Upsample(scale_factor=2, mode="bilinear")), [IMAGE]),
    "three dimensions": (nn.Sequential(nn.Conv3d(1, 2, 2)), [(1, 3, 4, 5)]),
}


def tensor(values):
    return {"shape": list(values.shape), "values": values.double().flatten().tolist()}


cases = []
for name, (network, shapes) in NETWORKS.items():
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm)) and module.weight is not None:
            module.weight.data.normal_()
            module.bias.data.normal_()
    network.eval()
    kind = torch.float64 if name == "float64" else torch.float32
    inputs = [torch.randint(shape["classes"], (2, *shape["shape"])) if isinstance(shape, dict) else torch.randn(2, *shape, dtype=kind) for shape in shapes]
    with torch.no_grad():
        outputs = network(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    names = [f"in{i}" for i in range(len(inputs))], [f"out{i}" for i in range(len(outputs))]
    for opset in (12, 16):
        file = io.BytesIO()
        try:
            torch.onnx.export(network, tuple(inputs), file, opset_version=opset, input_names=names[0], output_names=names[1],
                              dynamic_axes={} if opset == 12 else {one: {0: "N"} for one in names[0] + names[1]})
        except Exception as error:
            print(name, opset, str(error)[:100])
            continue
        cases.append({
            "name": name, "opset": opset, "file": base64.b64encode(file.getvalue()).decode(),
            "inputs": {one: tensor(values) for one, values in zip(names[0], inputs)},
            "outputs": {one: tensor(values) for one, values in zip(names[1], outputs)},
        })

with open(OUT, "w") as f:
    json.dump({"torch": torch.__version__, "seed": SEED, "cases": cases}, f)
    f.write("\n")
