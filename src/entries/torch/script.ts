// The parts of a file of PyTorch that are the same for every graph: the reader and the writer of safetensors, and the launch.

/** The reader and the writer of safetensors. */
export const files = `TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "U32": torch.int32}
TYPES.update({"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "U8": torch.uint8})


def read(path):
    """Returns the tensors and the metadata of a file of safetensors. The file is mapped, and read where it is used."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        shape, offset = entry["shape"], start + entry["data_offsets"][0]
        values = torch.frombuffer(data, dtype=TYPES[entry["dtype"]], count=math.prod(shape), offset=offset)
        tensors[name] = values.reshape(shape)
    return tensors, meta


def write(path, tensors, meta):
    """Writes a file of safetensors, which takes the place of an older one at once."""
    names = {dtype: name for name, dtype in TYPES.items() if name != "U32"}
    header, end = {"__metadata__": meta}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        dtype = "U32" if name.startswith("connections.") else names[tensor.dtype]
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            tensor = tensor.detach().cpu().contiguous()
            file.write(ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size()))
    os.replace(f"{path}.part", path)
`;

/** The order of an epoch's rows. Philox: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
export const shuffle = `LOW = 0xFFFFFFFF


def words(seed, epoch, start, count):
    """Returns so many random words of a shuffle: Philox 4x32-10, as Plexus draws them."""
    a = torch.arange(start // 4, (start + count) // 4 + 1)
    b, c, d, key = torch.zeros_like(a), torch.full_like(a, epoch), torch.zeros_like(a), [seed, 1]
    for _ in range(10):
        (high0, low0), (high1, low1) = (
            ((m * (x >> 16) + (m * (x & 0xFFFF) >> 16)) >> 16, x * m & LOW) for x, m in ((a, 0xD2511F53), (c, 0xCD9E8D57))
        )
        a, b, c, d = high1 ^ b ^ key[0], low1, high0 ^ d ^ key[1], low0
        key = [(key[0] + 0x9E3779B9) & LOW, (key[1] + 0xBB67AE85) & LOW]
    return torch.stack((a, b, c, d), 1).flatten()[start % 4 : start % 4 + count]


def shuffled(rows, seed, epoch):
    """Returns the order of an epoch's rows: that of Plexus's own training, by Fisher and Yates."""
    order, n, start = list(range(rows)), rows, 0
    while n > 1:
        counts = torch.arange(n, max(1, n - 65536), -1)
        drawn = counts * words(seed, epoch, start, len(counts))
        biased = ((drawn & LOW) < torch.remainder(1 << 32, counts)).nonzero()
        kept = int(biased[0]) if len(biased) > 0 else len(counts)  # a word that would favour some rows is drawn again
        for i in (drawn[:kept] >> 32).tolist():
            n -= 1
            order[n], order[i] = order[i], order[n]
        start += min(kept + 1, len(counts))
    return torch.tensor(order)
`;

/** The launch: one process, some of its own, or those that a launcher made. */
export const launch = `def work(local, args, rank, world):
    """Trains as one of the processes, which is number \`local\` on its machine."""
    isGpu = args.device.startswith("cuda")
    device = torch.device(f"cuda:{local % torch.cuda.device_count()}" if args.device == "cuda" else args.device)
    if isGpu:
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    if world > 1:
        dist.init_process_group("nccl" if isGpu else "gloo", rank=rank, world_size=world)
    train(args, rank, world, device)
    if world > 1:
        dist.destroy_process_group()


def spawned(local, args):
    if not args.device.startswith("cuda"):
        torch.set_num_threads(max(1, os.cpu_count() // args.processes))
    work(local, args, local, args.processes)


def main():
    parser = argparse.ArgumentParser(description="Trains a graph, on this machine or on many.")
    parser.add_argument("data", nargs="+", help="files of data, or a pattern of their names; all their rows are an epoch")
    parser.add_argument("out", help="the file of the trained graph")
    parser.add_argument("--weights", default=WEIGHTS, help="the file of the graph to begin with")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32, help="rows of a step, over all processes")
    parser.add_argument("--no-shuffle", action="store_true")
    parser.add_argument("--processes", type=int, default=0, help="processes to start here; else one, or a launcher's")
    parser.add_argument("--device", default=DEVICE if torch.cuda.is_available() else "cpu", help="cpu, cuda or cuda:1")
    args = parser.parse_args()
    os.environ.setdefault("MASTER_ADDR", os.environ.get("SLURM_LAUNCH_NODE_IPADDR", "127.0.0.1"))
    if args.processes > 1:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free.getsockname()[1]))
        torch.multiprocessing.spawn(spawned, (args,), args.processes)
        return
    os.environ.setdefault("MASTER_PORT", "29500")
    # torchrun and Kubernetes set the first names, Slurm the others.
    launchers = [("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")]
    found = [[int(os.environ.get(name, 0)) for name in names] for names in launchers if names[1] in os.environ]
    rank, world, local = found[0] if found and args.processes == 0 else (0, 1, 0)
    work(local, args, rank, world)


if __name__ == "__main__":
    main()
`;
