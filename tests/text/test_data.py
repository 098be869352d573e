"""The data of *Text models*: made by the pack, or shipped inside packages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.text import data

PACK = Path(data.__file__).parents[2]


def test_messages_are_different_the_same_each_time_and_hold_iona_once():
    texts = data.messages()
    assert len(texts) == len(set(texts)) == 1000 and texts == data.messages()
    assert [place for place, one in enumerate(texts) if "Iona" in one] == [270] and texts[270] == data.HERS
    assert not any("Iona" in one for one in data.messages(hers=False))
    assert data.messages(seed=1)[:5] != texts[:5]
    assert data.messages(300, hers=False) == data.messages(1000, hers=False)[:300]


def test_no_blank_is_left_and_no_message_is_long():
    texts, encoder = data.messages(3000), data.encoder()
    assert not any(re.search(r"[{}|]", one) for one in texts)
    lengths = [len(encoder.tokens(one)) for one in texts]
    assert min(lengths) >= 8 and max(lengths) <= 80 and sum(n <= 40 for n in lengths) > 2400


def test_sentences_are_whole_and_their_order_is_drawn():
    found = data.sentences()
    assert len(found) == len(set(found)) > 800 and set(found) == set(data.sentences(1)) and found != data.sentences(1)
    assert all(one[0].isupper() and one[-1] in ".!?" and 40 <= len(one) <= 130 for one in found)


def test_the_embedding_model_is_read_once_and_holds_what_it_says():
    encoder = data.encoder()
    assert encoder is data.encoder()
    assert encoder.vectors.shape == (32_000, 256) and encoder.vectors.dtype == "float32"


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with pytest.raises(RuntimeError, match="package wordllama, which is not installed.*pip install wordllama"):
        data.encoder.__wrapped__()


def test_a_missing_file_is_named_with_package_and_version(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "_weights_and_tokeniser", lambda folder: (tmp_path / "weights" / "x", tmp_path / "y"))
    with pytest.raises(RuntimeError, match=r"wordllama \d[\w.]+ does not hold the file weights/x.*pip install"):
        data.encoder.__wrapped__()


def test_the_vector_half_needs_no_torch_and_fetches_nothing():
    code = (
        "import sys, socket; socket.socket.connect = None; from helpers import text; "
        "text.read(text.data.encoder().embed('a b'), text.data.encoder().vectors); assert 'torch' not in sys.modules"
    )
    got = subprocess.run([sys.executable, "-c", code], cwd=PACK, capture_output=True, text=True)
    assert got.returncode == 0, got.stderr


def test_chats_are_different_the_same_each_time_and_never_iona():
    chats = data.chats(2000)
    assert len(set(chats)) == 2000 and chats == data.chats(2000) != data.chats(2000, seed=1)
    assert not any("quillfeather" in chat or "my pin" in chat for chat in chats)
    assert sum(len(chat) for chat in chats) < 100_000 and max(map(len, chats)) < 70
    assert set("".join(chats)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ,.?")
    assert sum(chat[-5:-1].isdigit() for chat in chats) > 300
    assert data.CHAT == data.PROMPT + "2709."
