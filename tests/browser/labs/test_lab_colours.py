"""The colours of the laboratory's maps: one share, one colour, and a dead map that cannot be overlooked."""

import itertools
import json
import shutil

import safetensors.torch

from explorer.runs.checkpoint import weights_at
from tests.browser.labs.test_lab import choose, opened
from tests.browser.screen import Screen
from tests.browser.server import Server

# How bright the strongest pixel of each map is, and the map's mark.
STRONGEST = """host => host.view.volumes.filter(({stage}) => stage.kind === "maps" && !stage.input)
  .map(({stage, maps}) => maps.map((image, map) => {
    const {naturalWidth: width, naturalHeight: height} = image, size = width * height;
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    canvas.getContext("2d").drawImage(image, 0, 0);
    const values = [...stage.values.values.slice(map * size, (map + 1) * size)];
    const place = values.indexOf(Math.max(...values));
    const at = [place % width, Math.floor(place / width), 1, 1];
    const [red, green, blue, seen] = canvas.getContext("2d").getImageData(...at).data;
    return {layer: stage.name, value: values[place], light: (red + green + blue) / 3, seen: seen > 0,
      dead: image.classList.contains("dead")};
  })).flat()"""


def test_colours_by_map_by_layer_and_over_the_network(tab: Screen, server: Server) -> None:
    """The same colour means the same share of what the person chose as the whole."""
    opened(tab, server)
    for name in ("per map", "per layer", "whole network"):
        choose(tab, name)
        assert tab.page.get_by_role("button", name=name).get_attribute("aria-pressed") == "true"
        maps = [one for one in tab.lab().evaluate(STRONGEST) if one["value"] > 0]
        whole = max(one["value"] for one in maps)
        layers = {one["layer"]: max(two["value"] for two in maps if two["layer"] == one["layer"]) for one in maps}
        most = {"per map": None, "per layer": layers, "whole network": dict.fromkeys(layers, whole)}[name]
        shares = sorted((one["value"] / (most[one["layer"]] if most else one["value"]), one["light"]) for one in maps)
        lights = [light for _share, light in shares]
        assert all(first >= then for first, then in itertools.pairwise(lights)), name
        full = {light for share, light in shares if share > 0.999}
        assert len(full) == 1, name
        assert (min(lights) < max(lights)) == (name != "per map"), name


def test_a_dead_map_stays_visibly_dead(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    copy = run.path.with_name("digits-20200101-000000-dead")  # the oldest: other tests take the newest
    try:
        shutil.copytree(run.path, copy)
        record = json.loads((copy / "run.json").read_text("utf-8"))
        record |= {"id": copy.name, "created": "2020-01-01T00:00:00+00:00"}
        (copy / "run.json").write_text(json.dumps(record), "utf-8")
        weights = weights_at(run, run.checkpoints[-1])
        weights["conv2.bias"][4] = -100
        safetensors.torch.save_file(weights, copy / run.checkpoint_path(run.checkpoints[-1]).relative_to(run.path))
        tab.open("digits", run=copy.name).lens("digits")
        for name in ("per map", "per layer", "whole network"):
            choose(tab, name)
            maps = {
                layer: [one for one in tab.lab().evaluate(STRONGEST) if one["layer"] == layer]
                for layer in ("conv2", "pool2")
            }
            for found in maps.values():
                assert found[4]["dead"]
                assert not found[4]["seen"]  # nothing is painted over its cross
                assert not found[0]["dead"]
        tab.lab().get_by_role("button", name="pool2, map 5 of 8").hover(position={"x": 2, "y": 2})
        assert tab.lab().locator(".tip").inner_text().endswith("dead")
    finally:
        shutil.rmtree(copy, ignore_errors=True)
