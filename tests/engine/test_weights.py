from collections import OrderedDict
from fractions import Fraction

import pytest
import torch

from engine.errors import WeightsError
from engine.weights import load_tensors


@pytest.mark.parametrize(
    "wrap", [dict, lambda state: {"model": state, "iteration": 9}, lambda state: {"state_dict": state}]
)
def test_a_pytorch_file_of_tensors_is_read_however_it_is_wrapped(tmp_path, wrap):
    state = OrderedDict(weight=torch.tensor([1.5, 2.0]).half(), count=torch.tensor(3))
    torch.save(wrap(state), tmp_path / "public.pth")
    tensors = load_tensors(tmp_path / "public.pth")
    assert tensors["weight"].tolist() == [1.5, 2.0]
    assert tensors["weight"].dtype == torch.float32
    assert tensors["count"].dtype == torch.int64


def test_a_pytorch_file_of_anything_but_tensors_is_not_unpickled(tmp_path):
    torch.save({"weight": torch.zeros(2), "share": Fraction(1, 3)}, tmp_path / "sly.pt")
    with pytest.raises(WeightsError, match="tensors only"):
        load_tensors(tmp_path / "sly.pt")


@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_file_that_is_none_is_refused_by_name(tmp_path, content):
    (tmp_path / "broken.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=r"broken\.pth"):
        load_tensors(tmp_path / "broken.pth")
    torch.save([torch.zeros(2)], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="no tensors by name"):
        load_tensors(tmp_path / "list.pt")
