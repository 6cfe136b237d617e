"""PyTorch with channels last in memory, sparse gradients of tables, and a C library that keeps freed memory.

By default glibc returns large arrays to the system, and each call pays for their pages again: 570 faults a call of 32 rows.
"""

import ctypes
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import pytorch

version, note = pytorch.version, "channels last in memory, sparse gradients of tables, and freed memory is kept"

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
for parameter in (TRIM_THRESHOLD, MMAP_THRESHOLD):
    ctypes.CDLL(None).mallopt(parameter, 2**30)


class Contender(pytorch.Contender):
    layout, has_sparse_gradients = torch.channels_last, True
