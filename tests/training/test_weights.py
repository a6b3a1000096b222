"""Weights from a file: what PyTorch saved is what the run starts from, and the rest is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from gradexplorer.engine.network import CELLS, RecurrentNetwork
from gradexplorer.engine.parameters import Parameters
from gradexplorer.errors import InputError
from gradexplorer.export.weights import write_weights
from gradexplorer.training.trainer import Trainer
from gradexplorer.training.weights import MAX_HEADER, load_weights

SHAPES = {
    "weight_ih_l0": (5, 2),
    "weight_hh_l0": (5, 5),
    "bias_ih_l0": (5,),
    "bias_hh_l0": (5,),
    "readout.weight": (1, 5),
    "readout.bias": (1,),
}


def tensors(**changes: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return random tensors of the right shapes, with changes; ``None`` leaves one out."""
    generator = np.random.default_rng(0)
    made: dict[str, np.ndarray | None] = {
        name: generator.standard_normal(shape) for name, shape in SHAPES.items()
    }
    made |= {name.replace("__", "."): values for name, values in changes.items()}
    return {name: values for name, values in made.items() if values is not None}


def loaded(data: dict[str, np.ndarray], path: Path, dtype=np.float64) -> Parameters:
    save_file(data, path)
    parameters = Parameters(SHAPES, dtype)
    load_weights(parameters, path)
    return parameters


def refusal(path: Path) -> str:
    """Return why a file is refused, having checked that nothing was changed."""
    parameters = Parameters(SHAPES, np.float32)
    with pytest.raises(InputError) as caught:
        load_weights(parameters, path)
    assert not parameters.flat.any()
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert all(line.isprintable() for line in sentence.split("\n"))
    return sentence.removeprefix(str(path))


@pytest.mark.parametrize(
    "prefixes", [("", "readout."), ("rnn.", "fc."), ("a.lstm.", "a."), ("", "")]
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_one_prefix_of_each_kind_is_mapped(tmp_path, prefixes, dtype) -> None:
    data = {name: values.astype(dtype) for name, values in tensors().items()}
    renamed = {
        prefixes[1] + name.removeprefix("readout.")
        if name.startswith("readout.")
        else prefixes[0] + name: values
        for name, values in data.items()
    }
    parameters = loaded(renamed, tmp_path / "w.safetensors")
    for name, values in data.items():
        np.testing.assert_array_equal(parameters[name], values)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_run_starts_from_the_weights_that_another_wrote(small, tmp_path, same, cell) -> None:
    first = Trainer(small(f"model.cell={cell}", "training.seed=9"))
    for _ in range(3):
        next(first)
    path = tmp_path / "weights.safetensors"
    write_weights(first.weights(), path, 3)
    second = Trainer(small(f"model.cell={cell}", f"model.weights_file='{path}'"))
    assert same(second.weights(), first.weights())


MODULES = [(kind, depth) for kind in ("RNN", "LSTM", "GRU") for depth in (1, 3)]


@pytest.mark.parametrize(("kind", "depth"), MODULES)
def test_a_state_dict_of_pytorch_is_read_and_ours_loads_there(tmp_path, kind, depth) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file
    from safetensors.torch import save_file as save_torch

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = getattr(torch.nn, kind)(2, 5, num_layers=depth)
            self.head = torch.nn.Linear(5, 3)

    theirs = Model()
    save_torch(theirs.state_dict(), tmp_path / "theirs.safetensors")
    shapes = {name.removeprefix("body."): tuple(p.shape) for name, p in theirs.named_parameters()}
    shapes = {name.replace("head.", "readout."): shape for name, shape in shapes.items()}
    parameters = Parameters(shapes, np.float32)
    load_weights(parameters, tmp_path / "theirs.safetensors")
    for name, values in theirs.body.named_parameters():
        np.testing.assert_array_equal(parameters[name], values.detach().numpy())
    np.testing.assert_array_equal(parameters["readout.bias"], theirs.head.bias.detach().numpy())

    parameters.flat[...] += 1.0
    write_weights(parameters.copies(), tmp_path / "ours.safetensors", 0)
    ours = load_file(tmp_path / "ours.safetensors")
    head = {name: ours.pop(f"readout.{name}") for name in ("weight", "bias")}
    assert theirs.body.load_state_dict(ours).missing_keys == []
    assert theirs.head.load_state_dict(head).missing_keys == []
    np.testing.assert_array_equal(parameters["readout.bias"], theirs.head.bias.detach().numpy())


@pytest.mark.parametrize(("cell", "kind"), [("rnn", "RNN"), ("lstm", "LSTM")])
def test_what_pytorch_saved_computes_the_same_here(tmp_path, cell, kind) -> None:
    torch = pytest.importorskip("torch")
    body = getattr(torch.nn, kind)(2, 5).double()
    head = torch.nn.Linear(5, 1).double()
    state = {f"body.{name}": values for name, values in body.state_dict().items()}
    state |= {f"head.{name}": values for name, values in head.state_dict().items()}
    from safetensors.torch import save_file as save_torch

    save_torch(state, tmp_path / "theirs.safetensors")
    network = RecurrentNetwork(cell, 2, 5, 1, np.float64)
    load_weights(network.parameters, tmp_path / "theirs.safetensors")
    inputs = np.random.default_rng(0).standard_normal((7, 3, 2))
    with torch.no_grad():
        expected = head(body(torch.tensor(inputs))[0]).numpy()
    np.testing.assert_allclose(network.forward(inputs, slice(0, 7)), expected, rtol=1e-10)


def test_other_shapes_and_names_are_told_in_a_table(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    save_file(
        tensors(
            weight_ih_l0=np.zeros((20, 2)),
            bias_hh_l0=None,
            weight_ih_l1=np.zeros((5, 5)),
            readout__bias=np.zeros(()),
        ),
        path,
    )
    assert refusal(path).split("\n") == [
        " has the weights of another network.",
        "  parameter     expected  found",
        "  weight_ih_l0  5 × 2     20 × 2",
        "  bias_hh_l0    5         missing",
        "  readout.bias  1         a number",
        "  weight_ih_l1  nothing   5 × 5",
    ]


def test_two_recurrent_modules_are_not_guessed_between(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    one = tensors()
    save_file({**{f"a.{n}": v for n, v in one.items()}, "b.weight_hh_l0": np.zeros((5, 5))}, path)
    assert "  a.weight_hh_l0  nothing   5 × 5" in refusal(path)
    assert "  weight_hh_l0    5 × 5     missing" in refusal(path)


def test_a_long_table_is_cut(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({f"x{number}": np.zeros(1) for number in range(2000)}, path)
    lines = refusal(path).split("\n")
    assert len(lines) == 33
    assert lines[-1] == "  and 1,976 more"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_value_that_is_not_finite_is_named(tmp_path, bad) -> None:
    path, values = tmp_path / "w.safetensors", np.zeros((5, 5))
    values[3, 1] = values[4, 4] = bad
    save_file(tensors(weight_hh_l0=values), path)
    assert refusal(path) == (
        ": weight_hh_l0 is not finite in float32 at [3, 1], nor in 1 other places."
    )


def test_whole_numbers_are_no_weights(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    save_file(tensors(bias_ih_l0=np.zeros(5, np.int64)), path)
    assert refusal(path) == ": bias_ih_l0 has the type I64; it must be float64, float32 or float16."


def header(entries: object) -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


def one(**changes: object) -> dict[str, object]:
    return {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | changes}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04K\x01.",
        b"PK\x03\x04" + bytes(100),
        (1 << 62).to_bytes(8, "little") + b"{}",
        (MAX_HEADER + 1).to_bytes(8, "little") + b" " * (MAX_HEADER + 1),
        header(b"{"),
        header(b"\xff\xfe"),
        header(b"[" * 100_000),
        header(b'{"x": ' * 100_000),
        header([]),
        header(3),
        header({"x": 3}),
        header({"x": {}}),
        header(one(dtype=3)),
        header(one(shape=1)),
        header(one(shape=[-1])),
        header(one(shape=[1.5])),
        header(one(shape=[True])),
        header(one(shape=[2])),
        header(one(shape=[1 << 60])),
        header(one(shape=[3] * 200_000)),
        header(one(data_offsets=[0])),
        header(one(data_offsets=[4, 0])),
        header(one(data_offsets=["a", "b"])),
        header(b'{"x": {"dtype": "F32", "shape": [' + b"1" * 9000 + b"]}}"),
    ],
    ids=range(25),
)  # fmt: skip
def test_a_file_that_is_no_safetensors_file_is_refused(tmp_path, data) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    assert refusal(path).startswith(" is not a safetensors file. Save a state_dict with")


def test_a_file_without_tensors_is_refused(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(header({"__metadata__": {"a": "b"}}))
    assert refusal(path) == " has no tensors."


def test_data_that_are_not_all_there_or_too_many_are_refused(tmp_path) -> None:
    path, data = tmp_path / "w.safetensors", save(tensors())
    path.write_bytes(data[:-1])
    assert refusal(path) == f" is cut off: it has {len(data) - 1:,} of {len(data):,} bytes."
    with path.open("wb") as file:
        file.write(data)
        file.truncate(1 << 40)  # a hole: no memory would hold it
    assert refusal(path).startswith(" has 1,099,511,627,776 bytes; a file of this kind has at")


def test_data_far_behind_the_header_are_not_looked_for(tmp_path) -> None:
    path, far = tmp_path / "w.safetensors", 1 << 39
    entries = {}
    for name, shape in SHAPES.items():
        size = 8 * int(np.prod(shape))
        entries[name] = {"dtype": "F64", "shape": list(shape), "data_offsets": [far, far + size]}
    with path.open("wb") as file:
        file.write(header(entries))
        file.truncate(1 << 40)
    assert refusal(path).startswith(" is not a safetensors file.")


def test_a_strange_name_is_shown_harmlessly(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(header({"\n\u202e" + "x" * 999: one()["x"], "\ud800": one()["x"]}) + bytes(8))
    assert "has the weights of another network" in refusal(path)


@pytest.mark.parametrize("name", ["none.safetensors", "", "pipe"])
def test_what_is_no_file_is_named_with_its_setting(small, tmp_path, name) -> None:
    os.mkfifo(tmp_path / "pipe")
    config = small(f"model.weights_file='{tmp_path / name}'")
    with pytest.raises(InputError, match=r"^model.weights_file cannot be used\. "):
        Trainer(config)


def test_a_name_that_no_file_can_have_is_refused(small) -> None:
    config = small()
    model = config.model.model_copy(update={"weights_file": "a\0b"})
    with pytest.raises(InputError, match="cannot be the name of a file"):
        Trainer(config.model_copy(update={"model": model}))
