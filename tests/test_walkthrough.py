"""The walkthrough in a real browser: every step, both ways, and the numbers that it shows."""
import json
import math
import operator
import re
import time
from random import Random

import numpy as np
import pytest
from chromium import PROGRAM, Chromium

import autograd as ag
from autograd import Value, no_grad
from autograd.walkthrough import walkthrough
from nn import MLP, Layer, Module, Neuron, cross_entropy
from nn import neurons as by_neurons

in_browser = pytest.mark.skipif(not PROGRAM, reason="needs chromium")
UGLY = ['"', "<script>alert(1)</script>", "</script>", "\\", "{a|b}", "]", "é😀", "&amp;", "'",
        "<!--", "${x}", "a\nb", "$&", "W" * 30, "学習率の名前" * 3, "w" * 10_000]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


def neuron():
    w1, w2, b = Value(0.5, name="w1"), Value(-3.0, name="w2"), Value(-0.25, name="b")
    x = Value(2.0, name="x")
    return ((w1 * x + w2 * (x * x) * 0.1 + b).tanh() - 1.0) ** 2


def network():
    x = Value([[1.0, 2.0], [3.0, -4.0]], name="x")
    return cross_entropy(MLP(2, [3, 2], rng=Random(0))(x), [0, 1])


def nodes_of(loss):
    """All Values of a graph."""
    found = [loss]
    for node in found:
        found += [x for x in node.inputs if isinstance(x, Value) and x not in found]
    return found


def page_data(path):
    """What Python put into the page."""
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>',
                     path.read_text("utf-8"), re.DOTALL)
    return json.loads(data[1])["walks"]


def numbers(text):
    """The numbers in a text such as "2×3: 1, −2, ..."."""
    return [float(number) for number in
            text.rpartition(": ")[2].replace("−", "-").split(", ")]


def flat(x):
    return np.ravel(x.tolist() if hasattr(x, "tolist") else x).tolist()


# -- in the browser ------------------------------------------------------------------------------

@in_browser
@pytest.mark.parametrize("compute", [neuron, network])
def test_from_the_first_step_to_the_last_and_back(browser, tmp_path, compute):
    loss = compute()
    for i, node in enumerate(nodes_of(loss)):
        node.name = f"node {i}"
    browser.open(walkthrough(loss, tmp_path / "page.html"))
    seen = [browser.run("document.body.innerHTML")]
    steps = page_data(tmp_path / "page.html")[0]["steps"]
    count = len(steps)
    assert count > 10
    for i, step in enumerate(steps):
        browser.click("#next")
        shown = browser.run("""({
            page: document.body.innerHTML, text: document.getElementById('text').innerText,
            lit: [...document.querySelectorAll('.lit')].map(box => box.id),
            waiting: document.querySelectorAll('.waiting').length,
            passed: document.querySelectorAll('.box:not(.no-grad)').length})""")
        seen.append(shown["page"])
        assert f">{i + 1} of {count}<" in seen[-1]
        assert shown["lit"] == [step["at"]] and len(shown["text"]) > 20
        assert shown["waiting"] == sum(step["phase"] == "forward" for step in steps[i + 1:])
        assert shown["passed"] == len({step["to"] for step in steps[:i + 1] if "to" in step})
    assert len(set(seen)) == len(seen)
    assert browser.run("document.getElementById('next').disabled")
    for i in reversed(range(count)):
        browser.press(["ArrowLeft", "PageUp"][i % 2])
        assert browser.run("document.body.innerHTML") == seen[i]
    browser.press("PageDown")
    assert browser.run("document.body.innerHTML") == seen[1]
    browser.press("End")

    loss.backward()
    for node in nodes_of(loss):
        box, = [key for key, about in page_data(tmp_path / "page.html")[0]["boxes"].items()
                if about["name"] == node.name]
        browser.click(f"#{box} .title")
        shown = browser.run("document.querySelector('#detail .grad').textContent")
        assert numbers(shown) == pytest.approx(flat(node.grad), rel=1e-5, abs=1e-12), node
        drawn = browser.run(f"""[...document.querySelectorAll('#{box} .grad:not(.word)')]
                                .map(line => line.textContent).join('  ')""")
        assert [float(x) for x in drawn.replace("−", "-").split()] == pytest.approx(
            flat(node.grad), rel=1e-5 if not node.shape else 1e-2, abs=1e-12)
        browser.click(f"#{box} .title")
    assert browser.complaints() == []


@in_browser
@pytest.mark.parametrize("width, height", [(360, 740), (740, 360), (932, 430), (1920, 1080)])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_usable_on_a_phone_and_on_a_wall(browser, tmp_path, width, height, dark):
    for compute in (neuron, network):
        page = walkthrough(compute(), tmp_path / f"{compute.__name__}.html")
        browser.open(page, width, height, dark)
        for key in ["ArrowRight", "ArrowRight", "End", "ArrowLeft"]:
            browser.press(key)
            assert browser.run("document.documentElement.scrollWidth") <= width
            lit = browser.run("""(() => {
                const box = document.querySelector('.receives, .lit')
                    .getBoundingClientRect();
                const view = document.getElementById('graph').getBoundingClientRect();
                return box.right > view.left && box.left < view.right && box.bottom > view.top &&
                       box.top < view.bottom;
            })()""")
            assert lit, "the box in hand, or the one that receives, is out of sight"
        sizes = browser.run("""[...document.querySelectorAll('#controls button')]
            .filter(b => b.offsetWidth).map(b => Math.min(b.offsetWidth, b.offsetHeight))""")
        assert len(sizes) >= 4 and min(sizes) >= 44  # a thumb hits them
        heights = browser.run("[...document.querySelectorAll('#graph, #panel')]"
                              ".map(part => part.clientHeight)")
        assert min(heights) > 0.3 * height
        letters = browser.run("""(() => {
            const svg = document.querySelector('#graph svg');
            return 15 * svg.getBoundingClientRect().width / svg.dataset.width;
        })()""")
        assert letters >= 12
        browser.screenshot(tmp_path / f"{compute.__name__}.png")
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) < 330) == dark
    browser.click("#theme")
    assert browser.run("getComputedStyle(document.body).backgroundColor") != background
    assert browser.complaints() == []


@in_browser
def test_a_value_that_is_used_twice_receives_twice(browser, tmp_path):
    x = Value(3.0, name="x")
    browser.open(walkthrough(x * x, tmp_path / "page.html"))
    assert browser.run("document.querySelectorAll('.arrow').length") == 2
    texts, arrows = [], []
    for _ in range(4):
        browser.press("ArrowRight")
        texts.append(browser.run("document.getElementById('text').innerText"))
        arrows.append(browser.run("(document.querySelector('.carries') || {}).id"))
    assert "x.grad: 0 → 3" in texts[2] and "x.grad: 3 → 6" in texts[3]
    assert "contribution number 2" in texts[3]
    assert len({arrows[2], arrows[3]} - {None}) == 2


@in_browser
def test_it_plays_pauses_and_slides(browser, tmp_path):
    browser.open(walkthrough(neuron(), tmp_path / "page.html"))

    def step():
        return int(browser.run("document.getElementById('slider').value"))
    browser.run("document.getElementById('speed').value = '400'")
    browser.press(" ")
    deadline = time.time() + 5
    while step() < 2 and time.time() < deadline:
        time.sleep(0.05)
    assert step() >= 2
    browser.click("#play")
    paused = step()
    time.sleep(0.5)
    assert step() == paused
    browser.run("""(() => { const slider = document.getElementById('slider'); slider.value = 7;
                            slider.dispatchEvent(new Event('input')); })()""")
    assert browser.run("document.getElementById('count').textContent").startswith("7 of ")


@in_browser
def test_a_box_that_is_clicked_gets_no_corners(browser, tmp_path):
    """As the browser's frame around what is in focus would give it; they are of what is given."""
    browser.open(walkthrough(Value(2.0, name="x").exp(), tmp_path / "page.html"))
    browser.click(".operation .title")
    assert browser.run("document.activeElement.classList.contains('operation')")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "none"


@in_browser
def test_names_are_text(browser, tmp_path):
    total = Value(0.0, name="total")
    for name in UGLY:
        total = total + Value(1.0, name=name)
        total.name = name + "+"
    browser.open(walkthrough(total * total, tmp_path / "page.html"))
    for _ in range(int(browser.run("document.getElementById('slider').max"))):
        browser.press("ArrowRight")
    drawn = browser.run("[...document.querySelectorAll('.title')].map(t => t.textContent)")
    for name in UGLY[:-1]:
        assert any(name.replace("\n", "\\n")[:12] in title for title in drawn), name
    assert max(map(len, drawn)) < 36
    told = browser.run("Object.values(walks[0].boxes).map(box => box.name)")
    assert set(UGLY) <= set(told)
    outside = browser.run("""[...document.querySelectorAll('.title')].filter(
        title => title.getBBox().width > title.parentNode.querySelector('rect').getBBox().width
        ).map(title => title.textContent)""")
    assert outside == []
    assert browser.run("document.querySelectorAll('script').length") == 2
    assert browser.complaints() == []


class ByNeurons(Module):
    """Two layers made of single neurons."""

    def __init__(self, rng, n_in=4):
        self.hidden = [Neuron(n_in, "tanh", rng=rng) for _ in range(20)]
        self.last = Neuron(20, rng=rng)

    def forward(self, x):
        return self.last([neuron(x) for neuron in self.hidden])


@in_browser
def test_of_a_large_graph_the_modules_open_at_a_click(browser, tmp_path):
    model = ByNeurons(Random(1))
    loss = (model([1.0, 2.0, 3.0, Value(4.0, name="x4")]) - 1.0) ** 2
    path = walkthrough(loss, tmp_path / "page.html")
    browser.open(path, 1280, 800)
    assert browser.run("document.querySelectorAll('.module').length") == 1
    assert browser.run("document.querySelectorAll('.box').length") < 10
    browser.press("End")
    fed = browser.run("document.querySelector('.receives .title').textContent")
    assert fed == "x4"  # a closed Module hands gradients on to what was fed to it
    browser.click(".module .title")
    assert browser.run("document.getElementById('title').textContent") == "v₂₂₀ = ByNeurons"
    assert browser.run("document.querySelectorAll('.module').length") == 21
    browser.click(".module .title")
    assert "hidden" in browser.run("document.getElementById('title').textContent")
    browser.press("End")
    browser.screenshot(tmp_path / "neuron.png")
    loss.backward()
    neuron = model.hidden[int(re.search(r"\d+", browser.run("walk.title"))[0])]
    shown = browser.run("""Object.values(Object.fromEntries(walk.steps.filter(s => s.grad)
        .map(s => [walk.boxes[s.to].name, s.full])))""")
    for weight in (*neuron.weights, neuron.bias):
        assert any(numbers(text) == pytest.approx([weight.grad], rel=1e-5) for text in shown)
    browser.press("Escape")
    assert browser.run("document.getElementById('title').textContent") == "v₂₂₀ = ByNeurons"

    width = "document.querySelector('#graph svg').getBoundingClientRect().width"
    before = browser.run(width)
    browser.press("Escape")
    browser.click("#larger")
    browser.click(".module .title")  # what is opened stays as large as was asked for
    assert browser.run(width) == pytest.approx(1.25 * before, rel=1e-3)
    assert browser.complaints() == []


@in_browser
def test_it_prints_all_steps(browser, tmp_path):
    browser.open(walkthrough(neuron(), tmp_path / "page.html"), dark=True)
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.call("Emulation.setEmulatedMedia", media="print", features=[
        {"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("document.documentElement.className") == "wide"
    assert browser.run("document.getElementById('panel').offsetHeight") == 0  # one of the steps
    assert background != "rgb(255, 255, 255)"
    browser.call("Emulation.setEmulatedMedia", media="")
    last = int(browser.run("document.getElementById('slider').max"))
    browser.run("addEventListener('beforeprint', () => window.printed_at = step)")
    browser.call("Page.printToPDF")
    assert browser.run("document.querySelectorAll('#printed li').length") == last
    assert browser.run("[window.printed_at, step]") == [last, 0]  # the picture with all its numbers


@in_browser
def test_what_receives_a_gradient_is_in_view(browser, tmp_path):
    x = Value(0.5, name="x")
    path = walkthrough(ag.sum([(i * x).sin() for i in range(12)]), tmp_path / "page.html")
    browser.open(path, 1280, 500)
    for _ in browser.run("walk.steps"):
        browser.press("ArrowRight")
        assert browser.run("""(() => {
            const now = walk.steps[step - 1], view = $("graph").getBoundingClientRect();
            const box = $(now.to || now.at).getBoundingClientRect();
            return view.top <= box.top && box.bottom <= view.bottom
                && view.left <= box.left && box.right <= view.right;
        })()""")


@in_browser
def test_the_line_of_a_fraction_touches_no_digit(browser, tmp_path):
    browser.open(walkthrough(1.0 / Value(0.705, name="x"), tmp_path / "page.html"), 390, 800)
    browser.press("ArrowRight")
    gaps = browser.run("""[...document.querySelectorAll("#panel mfrac")].map(fraction => {
        const [above, below] = [...fraction.children].map(part => {
            const range = document.createRange();
            range.selectNodeContents(part);
            return range.getBoundingClientRect();
        });
        return (below.top - above.bottom) / above.height;
    })""")
    assert gaps and min(gaps) > -0.1  # a line of text is higher than its digits


@in_browser
@pytest.mark.parametrize("columns", [2, 4])
def test_the_total_is_in_view_on_a_projector(browser, tmp_path, columns):
    """At 1280 × 720, at each step of products of three rows."""
    rows = 3, columns, columns, columns
    X, *W = [Value([[random.gauss(0, 1) for _ in range(columns)] for _ in range(n)], name=name)
             for random in [Random(3)] for n, name in zip(rows, ["X", "Q", "K", "V"])]
    q, k, v = [X @ w for w in W]
    loss = ((q @ k.T) / 1.5 @ v).sum()
    browser.open(walkthrough(loss, tmp_path / "page.html"), 1280, 720)
    for _ in range(int(browser.run("slider.max"))):
        browser.press("ArrowRight")
        assert browser.run("""[...document.querySelectorAll("#panel .total")].every(total =>
            total.getBoundingClientRect().bottom <= controls.getBoundingClientRect().top)""")


@in_browser
def test_the_end_of_a_formula_is_in_view_on_a_projector(browser, tmp_path):
    """At 1280 × 800, at each step of a logistic regression."""
    X, t = ag.asarray([[0.5, 1.5], [-1.0, 2.0], [3.0, -0.5], [1.0, 1.0]]), ag.asarray([0, 1, 1, 0])
    p = (X @ Value([0.1, -0.2], name="w") + Value(0.0, name="b")).sigmoid()
    loss = -(t * p.log() + (1 - t) * (1 - p).log()).mean()
    browser.open(walkthrough(loss, tmp_path / "page.html", names={"p": p}), 1280, 800)
    for _ in range(int(browser.run("slider.max"))):
        browser.press("ArrowRight")
        assert browser.run("""[...document.querySelectorAll("#panel p")].every(line =>
            line.scrollWidth <= line.clientWidth)""")


@in_browser
@pytest.mark.parametrize("width, height", [(1280, 800), (1920, 1080), (3840, 2160)])
def test_letters_of_the_picture_grow_with_those_of_the_page(browser, tmp_path, width, height):
    x = Value(0.5, name="x")
    for _ in range(40):
        x = x.sin()
    browser.open(walkthrough(x, tmp_path / "page.html"), width, height)
    assert browser.run("""(() => {
        const svg = document.querySelector('#graph svg');
        return 15 * svg.getBoundingClientRect().width / svg.dataset.width /
            parseFloat(getComputedStyle(document.body).fontSize);
    })()""") > 0.55


@in_browser
def test_an_index_stands_below_its_letter(browser, tmp_path):
    """Beside it w₀ would read as w times 0."""
    browser.open(walkthrough(Value(2.0, name="w0").exp(), tmp_path / "page.html"), 1280, 720)
    browser.press("ArrowRight")
    drop = browser.run("""(() => {
        const [letter, index] = [...document.querySelector("#panel msub").children].map(part => {
            const range = document.createRange();
            range.selectNodeContents(part);
            return range.getBoundingClientRect();
        });
        return (index.bottom - letter.bottom) / letter.height;
    })()""")
    assert drop > 0.05


@in_browser
def test_on_a_phone_numbers_of_matrices_are_not_cut(browser, tmp_path):
    x = Value([[0.001234, -0.005678, 0.002345, -0.006789]] * 4, name="x")
    browser.open(walkthrough((x * 0.1).sum(), tmp_path / "page.html"), 360, 740)
    browser.press("ArrowRight")
    cut = browser.run("""[...document.querySelectorAll('#panel mtd > mn')].map(number => {
        const pen = document.createElement('canvas').getContext('2d');
        const shown = document.createRange();
        pen.font = getComputedStyle(number).font;
        shown.selectNodeContents(number);
        return pen.measureText(number.textContent).width >
            shown.getBoundingClientRect().width + 1;
    })""")
    assert len(cut) >= 16 and not any(cut)


# -- what stands in the page ---------------------------------------------------------------------

def test_rules_are_shown_with_the_numbers_put_in(tmp_path):
    w, x = Value(0.5, name="w"), Value(3.0, name="x")
    steps = page_data(walkthrough((w * x).tanh(), tmp_path / "page.html"))[0]["steps"]
    texts = [re.sub("<[^>]*>", "", step["html"]) for step in steps]
    assert "v₁ = wx= 0.5·3= 1.5" in texts[0]
    assert "w.grad += xg= 3·0.180707= 0.54212" in texts[4].replace("gx", "xg").replace(
        "0.180707·3", "3·0.180707")
    assert "v₁.grad += g(1−v22)" in texts[3]


def test_no_digit_before_the_point_is_rounded_away(tmp_path):
    x, y = Value([39.0, 111.0], name="x"), Value(12345.0, name="y")
    walk = page_data(walkthrough((x * x).sum() + 3 * y, tmp_path / "page.html"))[0]
    texts = " ".join(re.sub("<[^>]*>", " ", step["html"]) for step in walk["steps"])
    assert "1521" in walk["svg"] and "12321" in walk["svg"] and "1520" not in walk["svg"] + texts
    assert "1521" in texts and "12345" in texts and "12340" not in texts


def test_negative_numbers_are_put_in_with_parentheses(tmp_path):
    a, b = Value(-2.0, name="a"), Value(-3.0, name="b")
    steps = page_data(walkthrough(a + b * a, tmp_path / "page.html"))[0]["steps"]
    texts = [re.sub("<[^>]*>", "", step["html"]) for step in steps]
    assert "= (−3)·(−2)= 6" in texts[0] and "= −2+6= 4" in texts[1]
    steps = page_data(walkthrough(a + b, tmp_path / "page.html"))[0]["steps"]
    assert "= −2+(−3)= −5" in re.sub("<[^>]*>", "", steps[0]["html"])


def test_what_is_put_in_has_the_digits_of_its_box(tmp_path):
    """tanh(-2.99956) is not written tanh(-3), which is another number."""
    walk, = page_data(walkthrough(Value(-2.99956, name="x").tanh(), tmp_path / "page.html"))
    assert "−2.99956" in walk["svg"]
    assert "tanh(−2.99956)= " in re.sub("<[^>]*>", "", walk["steps"][0]["html"])


def test_powers_of_ten_are_written_as_in_formulas(tmp_path):
    x = Value(1.5e-7, name="x")
    walk, = page_data(walkthrough(1e-7 * x + x * -1e10, tmp_path / "page.html"))
    assert "1.5·10⁻⁷" in walk["svg"] and ">−10¹⁰<" in walk["svg"] and "e−" not in walk["svg"]
    texts = [re.sub("<[^>]*>", "", step["html"]) for step in walk["steps"]]
    assert "= 10−7·1.5·10−7= 1.5·10⁻¹⁴" in texts[0] and "= −1010·1.5·10−7= −1500" in texts[1]
    assert "x.grad: 0 → −10¹⁰" in " ".join(texts) and "<mo></mo>" not in json.dumps(walk)


def test_six_entries_are_written_out_and_more_are_explained(tmp_path):
    six = Value([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], name="six")
    walk, = page_data(walkthrough(six[1:3].sum() + six.sum(), tmp_path / "page.html"))
    assert "1  2  3  4  5  6" in walk["svg"]
    told = {re.sub("<[^>]*>", "", step["html"]) for step in walk["steps"]}
    assert any("scatter puts the numbers among zeros" in text for text in told)
    assert not any("of a large array" in text for text in told)
    seven = Value([0.0] * 7, name="seven")
    walk, = page_data(walkthrough(seven.sin().sum(), tmp_path / "page.html"))
    assert "of a large array: its shape" in walk["steps"][0]["html"]


def test_boxes_tell_settings_as_those_of_draw_do(tmp_path):
    x = Value([[1.0, 2.0], [3.0, 4.0]], name="x")
    walk, = page_data(walkthrough(x[0:1].sum(axis=0)[1], tmp_path / "page.html"))
    titles = re.findall('<text class="title"[^>]*>([^<]*)', walk["svg"])
    assert titles == ["x", "v₁ = getitem[0:1]", "v₂ = sum(axis=0)", "v₃ = getitem[1]"]


def test_signs_that_a_class_may_not_know_are_explained(tmp_path):
    x = Value([1.0, -2.0], name="x")
    steps = page_data(walkthrough((x.relu() * x).sum(), tmp_path / "page.html"))[0]["steps"]
    told = [re.sub("<[^>]*>", "", step["html"]) for step in steps]
    assert ["multiplies entry by entry" in text for text in told] == ["⊙" in text for text in told]
    assert ["array of ones" in text for text in told] == ["g1" in text for text in told]
    assert "g1= " in told[4]


def test_a_stretched_operand_receives_a_sum(tmp_path):
    x, b = Value([[1.0, 2.0], [3.0, 4.0]], name="x"), Value([5.0, 6.0], name="b")
    steps = page_data(walkthrough((x + b).sum(), tmp_path / "page.html"))[0]["steps"]
    told = {step["full"]: "added up over the axes" in step["html"] for step in steps[4:]}
    assert told == {"2×2: 1, 1, 1, 1": False, "2: 2, 2": True}
    assert "b.grad += ∑ig= ∑i(1111)= (22)" in re.sub("<[^>]*>", "", steps[-1]["html"])


def test_of_many_operands_no_formula_is_written(tmp_path):
    loss = ag.concat([Value([float(i)]) for i in range(100)]).sum()
    walk, = page_data(walkthrough(loss, tmp_path / "page.html"))
    assert any("of 100 inputs" in step["html"] for step in walk["steps"])


def test_first_operands_are_computed_first(tmp_path):
    x = Value(2.0, name="x")
    walk, = page_data(walkthrough(x.exp() + x.sin() * x.cos(), tmp_path / "page.html"))
    names = [walk["boxes"][step["at"]]["op"] for step in walk["steps"]
             if step["phase"] == "forward"]
    assert names == ["exp", "sin", "cos", "multiply", "add"]


def test_no_trace_is_left(tmp_path):
    loss = neuron()
    walkthrough(loss, tmp_path / "page.html")
    assert all(node._grad is None for node in nodes_of(loss))


def test_no_address_of_the_network_is_in_the_page(tmp_path):
    page = walkthrough(network(), tmp_path / "page.html").read_text("utf-8")
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= {"http://www.w3.org/2000/svg\\"}


def test_boxes_do_not_overlap(tmp_path):
    rng = Random(2)
    values = [Value(rng.random()) for _ in range(6)]
    for _ in range(30):
        values.append(rng.choice(values[-9:]) * rng.choice(values) + rng.choice(values).sin())
    svg = page_data(walkthrough(ag.stack(values).sum(), tmp_path / "page.html"))[0]["svg"]
    boxes = [tuple(map(float, box)) for box in re.findall(
        r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)]
    assert len(boxes) > 60
    for i, (x, y, width, height) in enumerate(boxes):
        assert x >= 0 and y >= 0
        for x2, y2, width2, height2 in boxes[:i]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


def test_no_arrow_leaves_the_picture(tmp_path):
    x, y = Value(0.7, name="x"), Value(-0.3, name="y")
    svg = page_data(walkthrough(ag.grad(lambda x: (x * x * y).sin())(x),
                                tmp_path / "page.html"))[0]["svg"]
    _, top, _, height = map(float, re.search('viewBox="([^"]*)"', svg)[1].split())
    heights = [float(y) for arrow in re.findall('class="arrow" id="[^"]*" d="([^"]*)"', svg)
               for y in re.findall(r"-?[\d.]+", arrow)[1::2]]
    assert top <= min(heights) and max(heights) <= top + height


def test_arrows_do_not_cross_boxes(tmp_path):
    rng = Random(3)
    values = [Value(rng.random(), name="x" * length) for length in (1, 4, 12, 18)]
    for _ in range(20):
        combine = rng.choice([operator.add, operator.mul])
        values.append(combine(rng.choice(values[-6:]), rng.choice([*values, 3.14159])))
    svg = page_data(walkthrough(ag.stack(values).sum(), tmp_path / "page.html"))[0]["svg"]
    boxes = [tuple(map(float, box)) for box in re.findall(
        r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)]
    arrows = re.findall('class="arrow" id="[^"]*" d="([^"]*)"', svg)
    assert len(arrows) > 60
    for arrow in arrows:
        x, y, *rest = map(float, re.findall(r"-?[\d.]+", arrow))
        while rest:
            (x1, y1, x2, y2, x3, y3), rest = rest[:6], rest[6:]
            for t in [i / 20 for i in range(21)]:
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3
                at = a * x + b * x1 + c * x2 + d * x3, a * y + b * y1 + c * y2 + d * y3
                assert not any(left + 1 < at[0] < left + width - 1
                               and top + 1 < at[1] < top + height - 1
                               for left, top, width, height in boxes)
            x, y = x3, y3


def test_a_graph_without_modules_that_is_too_large_says_what_is_left_out(tmp_path):
    y = Value(1.0)
    for _ in range(3000):
        y = y * 0.5 + y.sin()
    began = time.process_time()
    walk, = page_data(walkthrough(y, tmp_path / "page.html"))
    assert time.process_time() - began < 10
    assert 390 < len(walk["boxes"]) <= 400 and walk["leftOut"] > 11_000


def test_what_is_computed_of_what_is_left_out_is_drawn_as_computed(tmp_path):
    """Boxes with corners are given."""
    y = Value(1.0)
    for _ in range(500):
        y = y.sin()
    svg = page_data(walkthrough(y, tmp_path / "page.html"))[0]["svg"]
    assert set(re.findall('class="box ([a-z]*)"', svg)) == {"operation"}


def test_a_module_that_receives_no_gradient_opens_all_the_same(tmp_path):
    x = [Value(0.5), Value(-1.0), Value(2.0)]
    chosen, gate = ByNeurons(Random(0), 3), ByNeurons(Random(1), 3)
    loss = ag.where(gate(x), chosen(x), 0.0)
    walks = {walk["title"]: walk for walk in page_data(walkthrough(
        loss, tmp_path / "page.html", names={"gate": gate, "chosen": chosen}))}
    phases = {title.partition(" = ")[2]: {step["phase"] for step in walk["steps"]}
              for title, walk in walks.items() if title.endswith(" ByNeurons")}
    assert phases == {"gate ByNeurons": {"forward"},
                      "chosen ByNeurons": {"forward", "backward"}}


def test_modules_that_give_one_value_are_boxes_in_those_that_give_lists_too(tmp_path):
    first, second = by_neurons.MLP(4, [20, 2], "tanh", rng=Random(0))([1.0, 2.0, 3.0, 4.0])
    loss = first * second
    loss.backward()
    whole, *opened = page_data(walkthrough(loss, tmp_path / "page.html"))
    assert len(opened) == 22 and all("Neuron(" in walk["title"] for walk in opened)
    assert {walk["inside"] for walk in opened} == {0}
    gradients = {whole["boxes"][step["to"]]["name"].partition(" = ")[2]: step["full"]
                 for step in whole["steps"] if "grad" in step}
    for i, x in enumerate((first, second)):
        assert numbers(gradients[f"layers.1.neurons.{i} Neuron(20 → 1)"]) == \
            pytest.approx([x.grad], rel=1e-5)


def test_what_the_text_speaks_of_stands_in_the_picture(tmp_path):
    model = by_neurons.MLP(3, [16, 16, 1], rng=Random(0))
    loss = (model([1.0, 2.0, 3.0]) - 1.0) ** 2
    for walk in page_data(walkthrough(loss, tmp_path / "page.html", names={"loss": loss})):
        titles = re.findall('<text class="title"[^>]*>([^<]*)', walk["svg"])
        called = [title.partition(" = ")[0] for title in titles]
        assert len(set(called)) == len(called)
        for step in walk["steps"]:
            heading = re.findall("<b>(.*?)</b>", step["html"].partition("</h2>")[0])
            assert set(heading) <= set(called)


@pytest.mark.parametrize("given", ["v1", "v_1", "v₁"])
def test_a_step_is_not_called_what_reads_as_a_name_that_is_given(tmp_path, given):
    x = Value(2.0, name=given)
    walk, = page_data(walkthrough((x * x).sin(), tmp_path / "page.html"))
    titles = re.findall('<text class="title"[^>]*>([^<]*)', walk["svg"])
    assert titles[1:] == ["v₂ = ×", "v₃ = sin"]


def test_labels_have_a_name_that_tells_what_they_are(tmp_path):
    y = Value([[1.0, 2.0, 3.0]], name="y")
    page = page_data(walkthrough(cross_entropy(y, [2]), tmp_path / "page.html"))[0]["steps"]
    for step, formulas in (page[0], ["softmax(y)labels", "softmax((123))labels"]), \
            (page[-1], ["onehot(labels)"]):
        text = re.sub("<[^>]*>", "", step["html"])
        assert all(formula in text for formula in formulas)


def test_arrays_of_numpy_and_constants(tmp_path):
    X = Value(np.arange(6.0).reshape(2, 3), name="X")
    loss = (ag.where(X.data > 2.0, X, 0.0) * np.ones((2, 3)) + [1.0, 2.0, 3.0]).mean()
    walk, = page_data(walkthrough(loss, tmp_path / "page.html"))
    assert any("×" in about["value"] for about in walk["boxes"].values())


@pytest.mark.parametrize("compute", [
    lambda x, y: x @ y, lambda x, y: x.max(axis=0), lambda x, y: x.norm(axis=0),
    lambda x, y: (x * x.min(axis=0)).logsumexp(axis=0), lambda x, y: ((x @ y) * x).sum(),
], ids=["matmul", "max", "norm", "logsumexp", "scaled"])
def test_numbers_of_numpy_read_as_the_same_steps_of_arrays_do(tmp_path, compute):
    own, of_numpy = ([step["html"] for step in page_data(walkthrough(
        compute(Value(asarray([1.0, 2.0]), name="x"), Value(asarray([3.0, 4.0]), name="y")),
        tmp_path / "page.html"))[0]["steps"]] for asarray in (ag.asarray, np.asarray))
    assert of_numpy == own


def test_large_arrays_are_summarized(tmp_path):
    x = Value([[float(i * j) for i in range(50)] for j in range(30)], name="x")
    loss = Layer(50, 4, "relu", rng=Random(0))(x).sum()
    path = walkthrough(loss, tmp_path / "page.html")
    assert "30×50: 0 … 1421" in page_data(path)[0]["svg"] and path.stat().st_size < 100_000


def test_a_formula_that_gets_no_numbers_is_written_once(tmp_path):
    x = Value([float(i) for i in range(50)], name="x")
    steps = page_data(walkthrough(x.sin().sum(), tmp_path / "page.html"))[0]["steps"]
    assert "v₁ = sin(x)= 50: −1 … " in re.sub("<[^>]*>", "", steps[0]["html"])


def test_numbers_that_come_out_as_they_went_in_are_written_once(tmp_path):
    h, b = Value([[1.0, 2.0]], name="h"), Value([3.0, 4.0], name="b")
    steps = page_data(walkthrough((h + b).sum(), tmp_path / "page.html"))[0]["steps"]
    told = [step["html"] for step in steps if "on to <b>b</b>" in step["html"]]
    assert [html.count("<p class=rule>") for html in told] == [2]


def test_nan_and_inf(tmp_path):
    x = Value(0.0, name="x")
    walk, = page_data(walkthrough(x.log() * 0.0 + x.sqrt(), tmp_path / "page.html"))
    assert walk["steps"][-1]["full"] in ("nan", "inf")


def test_names_are_those_given(tmp_path):
    a, b = Value(2.0), Value(3.0)
    walk, = page_data(walkthrough(a * b, str(tmp_path / "page.html"), names={"a": a, "b": b}))
    assert {"a", "b"} < {about["name"] for about in walk["boxes"].values()}


@pytest.mark.parametrize("asarray", [ag.asarray, np.asarray], ids=["Array", "NumPy"])
def test_constant_arrays_have_the_names_given_too(tmp_path, asarray):
    """In the picture and in both formulas, a mask as well; v1 is then no name for a step."""
    x, target, mask = asarray([1.0, 2.0]), asarray([3.0, 4.0]), asarray([True, False])
    w = Value(asarray([0.5, 0.25]), name="w")
    loss = ag.where(mask, w * x - target, 0.0).sum()
    walk, = page_data(walkthrough(loss, tmp_path / "page.html",
                                  names={"x": x, "v1": target, "mask": mask}))
    titles = re.findall('<text class="title"[^>]*>([^<]*)', walk["svg"])
    assert sorted(titles) == ["mask", "v₁", "v₂ = ×", "v₃ = −", "v₄ = where", "v₅ = sum", "w", "x"]
    texts = [re.sub("<[^>]*>", "", step["html"]) for step in walk["steps"]]
    assert "v₂ = w⊙x=" in texts[0] and "v₃ = v2−v1=" in texts[1] and "if mask" in texts[2]
    assert "w.grad += g⊙x=" in texts[-1]


def test_a_loss_of_one_entry(tmp_path):
    model = MLP(2, [1], rng=Random(0))
    walk, = page_data(walkthrough(model([[1.0, 2.0]]), tmp_path / "page.html"))
    assert [step["full"] for step in walk["steps"] if "full" in step] == \
        ["1×1: 1", "2×1: 1, 2", "1: 1"]


@pytest.mark.parametrize("loss, error, message", [
    (3.0, TypeError, "the loss, of type float, is no Value"),
    (MLP(1, [2, 1]), TypeError, "the loss, of type MLP, is no Value"),
    (Value([1.0, 2.0]) * 2, ValueError, r"shape \(2,\) has no single gradient"),
    (Value(1.0), ValueError, "not computed from anything"),
], ids=range(4))
def test_bad_input(tmp_path, loss, error, message):
    with pytest.raises(error, match=message):
        walkthrough(loss, tmp_path / "page.html")
    with pytest.raises(TypeError, match="^walkthrough: names=.'w'. must be a dict"):
        walkthrough(neuron(), tmp_path / "page.html", names=["w"])
    assert not (tmp_path / "page.html").exists()


def test_without_a_graph(tmp_path):
    with no_grad():
        loss = neuron()
    with pytest.raises(ValueError, match="outside no_grad"):
        walkthrough(loss, tmp_path / "page.html")
    assert math.isfinite(loss.data)
