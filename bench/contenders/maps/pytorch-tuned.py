"""PyTorch with its images in memory as (rows, height, width, channels), and gradients of tables for the rows named alone."""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import pytorch

version, note = pytorch.version, "channels last in memory; sparse gradients of tables"


class Contender(pytorch.Contender):
    layout, has_sparse_gradients = torch.channels_last, True
