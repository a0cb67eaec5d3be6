"""MNIST: grey pictures of handwritten digits, 28 by 28 pixels, and the digit each one shows.

It comes as four files in the IDX format: a header (two zero bytes, 8 for "unsigned bytes", the
number of dimensions, then each dimension in four bytes, highest first), then the bytes themselves.

Pictures stay bytes in memory, 784 each, and become floats only when a batch is asked for:
a list of floats takes eight times the room, 376 MB for the 60,000 of the full set.
"""
from __future__ import annotations

import gzip
import hashlib
import math
import operator
import os
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Callable, NamedTuple, Sequence

from autograd.array import Array, unchecked

SIDE = 28
PIXELS = SIDE * SIDE
MOST_IMAGES = 300_000  # a header that announces more is damaged, or after our memory
SAMPLE = Path(__file__).parent / "mnist_sample"
SHA256 = {  # each file's name, and the checksum of its bytes once unpacked
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/",
           "https://storage.googleapis.com/cvdf-datasets/mnist/")
SECONDS_OF_SILENCE = 20  # after which a mirror is given up
MOST_DOWNLOADED = 20_000_000  # bytes; the largest of the four files has 9.9 million
FLOATS = [byte / 255 for byte in range(256)]  # looking a float up is quicker than dividing
SHADES = " .:-=+*#%@"  # from paper to ink


class Images:
    """Pictures kept as bytes and handed out as floats in [0, 1]: 0 is paper, 1 is ink.

    `images[3]` has the shape (784,); `images[0:32]` and `images[[5, 2, 7]]` have (count, 784).
    """

    def __init__(self, pixels: bytes) -> None:
        if len(pixels) % PIXELS:
            raise ValueError(f"Images: {len(pixels)} bytes are no whole number of images; "
                             f"give {PIXELS} bytes for each")
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels) // PIXELS

    @property
    def shape(self) -> tuple[int, int]:
        """(number of images, 784)."""
        return len(self), PIXELS

    def __getitem__(self, index: int | slice | Sequence[int]) -> Array:
        floats = FLOATS
        if isinstance(index, tuple):
            raise TypeError(f"Images: one index selects images; for several give {list(index)}")
        if isinstance(index, slice):
            index = range(len(self))[index]
        elif not hasattr(index, "__iter__"):
            return unchecked((PIXELS,), [floats[byte] for byte in self._image(index)])
        chosen = [self._image(i) for i in index]
        return unchecked((len(chosen), PIXELS), [floats[byte] for byte in b"".join(chosen)])

    def _image(self, index: int) -> bytes:
        # Elsewhere a list of bools is a mask; here it would be 0 and 1.
        if isinstance(index, bool) or not hasattr(index, "__index__"):
            raise TypeError(f"Images: an index must be a whole number, not {index!r}")
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(f"Images: there is no image {place} among {len(self)}")
        start = place % len(self) * PIXELS
        return self.pixels[start:start + PIXELS]

    def drawing(self, index: int) -> str:
        """The picture in characters: 14 lines of 28, as a character is twice as high as wide."""
        image, lines = self._image(index), []
        for top in range(0, PIXELS, 2 * SIDE):
            upper, lower = image[top:top + SIDE], image[top + SIDE:top + 2 * SIDE]
            lines.append("".join(SHADES[(a + b) * len(SHADES) // 511]  # a + b is 510 at most
                                 for a, b in zip(upper, lower)))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Images({len(self)} of {SIDE}x{SIDE})"


class Digits(NamedTuple):
    """Images and their labels, to train on and to test with; `labels[i]` is an int, 0 to 9."""

    train_images: Images
    train_labels: bytes
    test_images: Images
    test_labels: bytes

    def __repr__(self) -> str:  # without the labels, which would fill the screen
        return f"Digits({len(self.train_images)} to train, {len(self.test_images)} to test)"


def mnist(source: str | os.PathLike = "sample") -> Digits:
    """The digits of "sample", of "full", or of a folder that holds the four IDX files.

    "sample" ships with the package: 4,000 images to train and 1,000 to test. "full" has 60,000
    and 10,000; the first call downloads 12 MB into `cache_folder()`, later ones need no network.
    Files in a folder may be gzipped or not; a folder that is called full is given as "./full".

    Raises ValueError for a damaged file, FileNotFoundError for a missing one, and
    ConnectionError when "full" is neither in the cache nor to be had from a mirror.

    >>> digits = mnist()
    >>> digits.train_images[0:32].shape, list(digits.train_labels[0:5])
    ((32, 784), [5, 0, 4, 1, 9])
    """
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f'mnist: source must be "sample", "full" or a folder, not {source!r}')
    if source == "full":
        return _digits(_cached_or_downloaded)
    folder = SAMPLE if source == "sample" else Path(source)
    return _digits(lambda name: read_idx(_find(folder, name)))


def read_idx(path: str | os.PathLike) -> tuple[tuple[int, ...], bytes]:
    """The shape and the bytes of an IDX file of MNIST images or labels, gzipped or not.

    The shape is (count, 28, 28) or (count,). No more is unpacked than its header announces.
    Raises ValueError if the file is damaged or is anything else.
    """
    def bad(what: str) -> ValueError:
        return ValueError(f"{path}: {what}; get this file of MNIST again")

    with open(path, "rb") as raw:
        gzipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if gzipped else raw
        try:
            magic = file.read(4)
            if magic not in (b"\0\0\x08\x01", b"\0\0\x08\x03"):
                raise bad(f"starts with the bytes {magic.hex(' ') or '(none)'}, not with "
                          "the magic number 00 00 08 03 of images or 00 00 08 01 of labels")
            dimensions = file.read(4 * magic[3])
            if len(dimensions) < 4 * magic[3]:
                raise bad("ends within its header")
            count, *sides = shape = struct.unpack(f">{magic[3]}I", dimensions)
            if sides not in ([], [SIDE, SIDE]) or not 1 <= count <= MOST_IMAGES:
                raise bad(f"announces the shape {shape}, not (count,) or (count, {SIDE}, {SIDE}) "
                          f"with a count of 1 to {MOST_IMAGES}")
            size = math.prod(shape)
            data = file.read(size + 1)  # one more, to see that the file ends there
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise bad(f"its gzip data is cut short or damaged ({error})") from error
    if len(data) != size:
        ending = f"ends after {len(data)}" if len(data) < size else "goes on after them"
        raise bad(f"announces {size} bytes of data but {ending}")
    if not sides and max(data) > 9:
        raise bad(f"has the label {max(data)}, which is not a digit")
    return shape, data


def idx_header(shape: Sequence[int]) -> bytes:
    """The bytes that an IDX file of unsigned bytes in this shape begins with."""
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)


def _digits(read: Callable[[str], tuple]) -> Digits:
    """The four files, each as `read(name)` gives it, once they are seen to belong together."""
    parts = []
    for kind in ("train", "t10k"):
        images_name, labels_name = [name for name in SHA256 if name.startswith(kind)]
        (shape, pixels), (labels_shape, labels) = read(images_name), read(labels_name)
        if len(shape) != 3 or labels_shape != shape[:1]:
            raise ValueError(f"mnist: {images_name} has the shape {shape}, but {labels_name} has "
                             f"{labels_shape}; get two files with one label for each image")
        parts += Images(pixels), labels
    return Digits(*parts)


def _find(folder: Path, name: str) -> Path:
    for spelling in (name, name.replace("-idx", ".idx")):  # some archives write a dot
        for path in (folder / spelling, folder / (spelling + ".gz")):
            if path.is_file():
                return path
    raise FileNotFoundError(f'mnist: no {name} in the folder "{folder}"; put {", ".join(SHA256)} '
                            '(or each with .gz) there, or take mnist("sample") or mnist("full")')


def cache_folder() -> Path:
    """Where mnist("full") keeps what it downloaded: chalkgrad/mnist in the user's cache folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base), "chalkgrad", "mnist")


def _cached_or_downloaded(name: str) -> tuple[tuple[int, ...], bytes]:
    from http.client import HTTPException  # imported here, as only this needs a network
    path = cache_folder() / (name + ".gz")
    try:
        return _genuine(path, name)
    except (OSError, ValueError):
        failures = []  # never downloaded, or damaged since
    for mirror in MIRRORS:
        try:
            return _download(mirror + path.name, path, name)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{mirror}: " + " ".join(str(error).split()))
    raise ConnectionError(f'mnist("full"): could not get {path.name} into {path.parent} '
                          f'({"; ".join(failures)}); get the four files {", ".join(SHA256)} '
                          'elsewhere and give their folder: mnist("FOLDER")')


def _download(url: str, path: Path, name: str) -> tuple[tuple[int, ...], bytes]:
    """Fetch, check, and only then give the file its name: nobody ever meets half a file there."""
    from urllib.request import urlopen
    with urlopen(url, timeout=SECONDS_OF_SILENCE) as response:
        packed = response.read(MOST_DOWNLOADED)  # an answer cut short here will not be genuine
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=name, suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(packed)
        genuine = _genuine(temporary, name)
        os.replace(temporary, path)
        return genuine
    finally:
        Path(temporary).unlink(missing_ok=True)  # still there if interrupted or not genuine


def _genuine(path: str | os.PathLike, name: str) -> tuple[tuple[int, ...], bytes]:
    """What `read_idx(path)` gives, if it is to the last bit what MNIST has under this name."""
    shape, data = read_idx(path)
    checksum = hashlib.sha256(idx_header(shape))
    checksum.update(data)
    if checksum.hexdigest() != SHA256[name]:
        raise ValueError(f"{path}: not MNIST's {name}, its SHA-256 is {checksum.hexdigest()}")
    return shape, data
