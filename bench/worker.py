"""A contender written in Python: worker.js's twin, with the same orders, answers and numbers."""

import importlib.util
import json
import math
import pathlib
import sys
import time

import numpy as np

name, precision, task = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
network, kind = task["network"], task["kind"]


def answer(value):
    print("@" + json.dumps(value), flush=True)


def units(stream, count):
    x = (np.arange(count, dtype=np.uint32) + np.uint32(stream * 0x400000 + 1)) * np.uint32(0x9E3779B1)
    x = (x ^ (x >> 15)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return ((x ^ (x >> 16)) >> 8).astype(np.float64) / 2**24


def signed(stream, shape, scale):
    return ((2 * units(stream, math.prod(shape)) - 1) * scale).reshape(shape)


layers = network["inputs"] + network["layers"]
sizes = {layer["name"]: layer["size"] for layer in layers}


def weighted(layer):
    name, size, sources = layer["name"], layer["size"], layer["from"]
    if "cell" not in layer:
        return [layer]
    each = lambda part, of: {"name": f"{name}.{part}", "size": size, "from": of}
    if layer["cell"] == "lstm":
        return [each(part, [*sources, name]) for part in ("input", "forget", "candidate", "output")]
    gates = [each(part, [*sources, name]) for part in ("update", "reset")]
    if layer["reset"] == "before":
        return [*gates, each("candidate", [*sources, f"{name}.gated"])]
    return [*gates, each("candidate", sources), each("recall", [name])]


def bound(rows, to):
    return 2.0 ** math.floor(math.log2(math.sqrt(6 / (rows + to))) + 0.5)


def mapped(layer, stream):
    link, source = layer["link"], next(one for one in layers if one["name"] == layer["from"][0])
    channels = lambda one: one["shape"][-1] if "shape" in one else one["size"]
    if link["kind"] == "embedding":
        shape = (source["classes"], layer["size"] // source["size"])
        return {"bias": None, "from": {source["name"]: signed(stream + 1, shape, bound(*shape))}}
    if link["kind"] != "conv":
        return {"bias": None, "from": {}}
    kernel, groups, width = link["kernel"], link.get("groups", 1), channels(layer)
    shape = (kernel, kernel, channels(source) // groups, width)
    scale = bound(math.prod(shape[:3]), kernel * kernel * width // groups)
    return {"bias": signed(stream, (width,), 0.125), "from": {source["name"]: signed(stream + 1, shape, scale)}}


def make_weights():
    made, stream = {}, 1
    for layer in [part for layer in network["layers"] for part in weighted(layer)]:
        if "link" in layer:
            made[layer["name"]] = mapped(layer, stream)
            stream += 3
            continue
        to = layer["size"]
        own = {"bias": signed(stream, (to,), 0.125), "from": {}}
        stream += 1
        for source in layer["from"]:
            rows = sizes.get(source, to)
            own["from"][source] = signed(stream, (rows, to), bound(rows, to))
            stream += 1
        made[layer["name"]] = own
    return made


def make_data():
    if "data" in network:
        given = network["data"]
        return [
            {name: np.array(values, dtype=np.float64).reshape(-1, sizes[name]) for name, values in given[part].items()}
            for part in ("xs", "ts")
        ]
    if "length" in network:
        return make_sequences()
    rows, stream, xs, ts = network["rows"], 101, {}, {}
    for layer in network["inputs"]:
        drawn = units(stream, rows * layer["size"]).reshape(rows, -1)
        xs[layer["name"]] = np.floor(drawn * layer["classes"]) if "classes" in layer else drawn
        stream += 1
    for layer in network["layers"]:
        if layer["name"] not in network["outputs"]:
            continue
        if network["loss"] == "mse":
            ts[layer["name"]] = units(stream, rows * layer["size"]).reshape(rows, -1)
        else:
            one = np.floor(units(stream, rows) * layer["size"]).astype(int)
            ts[layer["name"]] = np.eye(layer["size"])[one]
        stream += 1
    return [xs, ts]


def make_sequences():
    rows, length, source = network["rows"], network["length"] + 1, network["inputs"][0]
    size = source["size"]
    if network["loss"] == "crossEntropy":
        values = np.eye(size)[np.floor(units(101, rows * length) * size).astype(int)]
    else:
        values = units(101, rows * length * size)
    values = values.reshape(rows, length, size)
    return [{source["name"]: values[:, :-1]}, {network["outputs"][0]: values[:, 1:]}]


def outputs():
    values = []
    for row in range(0, network["rows"], network["batch"]):
        given = contender.predict(row)
        for output in network["outputs"]:
            values += [float(value) for value in given[output].ravel()]
    return values


def measure(count):
    now = time.process_time if task.get("clock") == "processor" else time.perf_counter
    begun = now()
    if kind == "predict":
        for _ in range(count):
            contender.predict(0)
    elif kind == "stream":
        contender.stream(count)
    else:
        contender.train(count)
    return (now() - begun) / count


folder = pathlib.Path(__file__).parent / "contenders"
if "length" in network:
    folder = folder / "time"
elif any("link" in layer for layer in layers):
    folder = folder / "maps"
path = folder / f"{name}.py"
spec = importlib.util.spec_from_file_location("contender", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
reason = module.refuses(network) if hasattr(module, "refuses") else None
if reason:
    answer({"reason": reason})
    sys.exit(0)
contender = module.Contender(network, make_weights(), make_data(), precision)
answer({"ready": True})
count = 1
for line in sys.stdin:
    order = json.loads(line)
    if order["order"] == "check":
        first = outputs()
        getattr(contender, "check", contender.train)(task["steps"])
        note = getattr(module, "note", "")
        answer({"first": first, "last": outputs(), "version": module.version, "note": note})
    elif order["order"] == "warm":
        wanted, spent = order["wanted"], 0
        while spent < 2 * wanted:
            each = measure(count)
            spent += each * count
            if each * count < wanted:
                count = max(count + 1, math.ceil(min(count * 4, wanted / each)))
        count = max(1, round(wanted / each))
        answer({})
    elif order["order"] == "measure":
        answer({"seconds": measure(count)})
    else:
        answer({})
