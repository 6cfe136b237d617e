# Trains the cases of a folder by their written files: driver.py FOLDER RANK. Each of two processes trains half of them
# alone, then both train all of them together. A case is a folder with model.py, its files, and settings in case.json. Also checks
# that no name of a layer is code: such names have a mark.

import argparse
import contextlib
import datetime
import importlib.util
import io
import json
import os
import sys
import tokenize
import traceback

import torch
import torch.distributed as dist

folder, rank = os.path.join(sys.argv[1], "cases"), int(sys.argv[2])
MARK = "QZX"


def check(path):
    """Refuses a mark outside of strings."""
    with open(path, "rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type != tokenize.STRING and token.type != tokenize.ENCODING and MARK in token.string:
                raise ValueError(f"The name of a layer is code: {token.string}")


def run(case, rank, world):
    with open(os.path.join(case, "case.json")) as file:
        given = json.load(file)
    path = os.path.join(case, "model.py")
    if rank == 0:
        check(path)
    spec = importlib.util.spec_from_file_location(f"model_{os.path.basename(case)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    args = argparse.Namespace(
        data=[os.path.join(case, name) for name in given["data"]],
        out=os.path.join(case, f"out-{world}.safetensors"),
        weights=module.WEIGHTS,
        epochs=given["epochs"],
        batch=given["batch"],
        no_shuffle=not given["shuffle"],
    )
    module.train(args, rank, world, torch.device("cpu"))
    if rank == 0:
        unchanged(module, args)


def unchanged(module, args):
    """Refuses other bits of a tensor that no target trains."""
    before, after = module.read(args.weights)[0], module.read(args.out)[0]
    targets = [name[3:] for name in module.read(args.data[0])[0] if name.startswith("ts.")]
    trained = {name for target in targets for name in module.TRAINED[target]}
    kept = [name for name in before if not name.startswith("optimizer.")]
    if list(after) != kept:
        raise ValueError(f"The file has the tensors {list(after)}, not {kept}.")
    for name in kept:
        same = torch.equal(before[name].view(torch.uint8), after[name].view(torch.uint8))
        if name not in trained and not same:
            raise ValueError(f"{name!r} has other bits.")


def attempt(name, rank, world):
    """Runs a case; a fault ends both processes."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            run(os.path.join(folder, name), rank, world)
    except BaseException:
        print(f"case {name} of {world} processes:\n{traceback.format_exc()}", flush=True)
        os._exit(1)


torch.set_num_threads(1)
names = sorted(os.listdir(folder), key=int)
for name in names[rank::2]:
    attempt(name, 0, 1)
os.environ["GLOO_SOCKET_IFNAME"] = "lo"
meeting = f"file://{os.path.abspath(sys.argv[1])}/meeting"
dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2, timeout=datetime.timedelta(seconds=120))
for name in names:
    attempt(name, rank, 2)
