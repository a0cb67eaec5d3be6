"""notation: the words in which `typeset.py` writes formulas, LaTeX's or MathML's.

Both have the same functions, of texts to a text: `name` for what the user calls something, `word`
for a function such as tanh, `plain` for what is no mathematics, `sign` for one of + · ⊙ Σ ...
Before these, what numbers, indices and settings look like as text, in pictures and programs too.
"""
from __future__ import annotations

GREEK = dict(zip(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
    "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"))
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LATIN = {letter: name for name, letter in GREEK.items()}


def escape(text: str, quote: bool = True) -> str:
    """The text for HTML and its kin, its < > & and quotes written as entities."""
    from html import escape  # here, for it takes longer to import than all of this file
    return escape(text, quote)


def base_and_subscripts(name: str) -> tuple[str, list[str]]:
    """w1, w_1, w_1_0, W_out, alpha_2: a letter and what stands below; anything else is one word."""
    import re  # here, as above
    match = re.fullmatch(rf"([^\W\d_]|{'|'.join(GREEK)})(?:(\d+)|_([^\W_]+(?:_[^\W_]+)*))", name)
    return (match[1], (match[2] or match[3]).split("_")) if match else (name, [])


def is_latin(text: str) -> bool:
    """Is it made of the letters A to Z and a to z, and not empty?"""
    return text.isascii() and text.isalpha()


def number_text(x, digits: int = 6) -> str:
    """A number at so many digits, without a needless .0 and without a sign before 0.

    Below a million it has all digits before the point: 39 · 39 is 1521 at three digits too.
    """
    x = float(x) + 0.0
    text = f"{x:.{digits}g}"
    return f"{x:.0f}" if "e+" in text and abs(x) < 999_999.5 else text


def power_of_ten(x, digits: int = 6) -> tuple[str, str, str]:
    """Factor, sign of multiplication and exponent: of 1.5e-07 "1.5", "·" and "-7".

    What is not written is "": of -1e-07 it is "-", "", "-7", of 2 "2", "", "".
    """
    text, _, exponent = number_text(x, digits).partition("e")
    if not exponent:
        return text, "", ""
    text = {"1": "", "-1": "-"}.get(text, text)
    return text, "·" if text.strip("-") else "", str(int(exponent))


def one_by(x) -> int:
    """n, if x is 1/n and no short decimal; else 0."""
    n = round(1 / x) if x and abs(1 / x) < 1e6 else 0
    return n if n and 1 / n == x and float(f"{x:.3g}") != x else 0


def bracketed(index, text) -> str:
    """An index as it is written; text(part) is how its Symbols and lists are."""
    index = index if type(index) is tuple else (index,)
    inner = ", ".join(slice_text(part) if isinstance(part, slice) else text(part)
                      for part in index)
    return f"[{inner or '()'}]"


def setting_text(setting) -> str:
    """What an operation was given besides operands, as it is written; of an array the entries."""
    if setting is Ellipsis or getattr(setting, "size", 1) > 100:
        return "…"
    return repr(setting.tolist() if hasattr(setting, "tolist") else setting)


def slice_text(part: slice) -> str:
    """A slice as it is written between brackets."""
    start, stop, step = ("" if end is None else str(end)
                         for end in (part.start, part.stop, part.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


class LaTeX:
    """LaTeX's mathematics, with the package amsmath."""

    LABELS = "y"  # what those of cross_entropy are called, if nothing else is called so
    SIGNS = {"·": r"\cdot", "⊙": r"\odot", "≤": r"\le", "≥": r"\ge", "‖": r"\Vert",
             "⊤": r"\top", "Σ": r"\sum"}
    WORDS = {"σ": r"\sigma", **{word: "\\" + word for word in (
        "sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "exp", "max", "min")}}
    ESCAPED = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
               "<": r"\textless{}", ">": r"\textgreater{}", "\n": " "}

    frac = r"\frac{{{}}}{{{}}}".format
    sup = "{}^{{{}}}".format
    sqrt = r"\sqrt{{{}}}".format
    bold = r"\mathbf{{{}}}".format

    @staticmethod
    def sub(base, below):
        twice = base.endswith("}") and "_" in base  # two in a row are an error, save with braces
        return f"{{{base}}}_{{{below}}}" if twice else f"{base}_{{{below}}}"

    @classmethod
    def name(cls, text):
        base, below = base_and_subscripts(text)
        letter = LATIN.get(base, base)
        if letter in GREEK:
            letter = "\\" + letter
        elif len(letter) > 1 or not is_latin(letter):
            return rf"\mathrm{{{text}}}" if is_latin(text) else cls.plain(text)
        if not below:
            return letter
        return cls.sub(letter, ", ".join(part if part.isdecimal() else cls.name(part)
                                         for part in below))

    @classmethod
    def word(cls, text):
        if is_latin(text):
            return cls.WORDS.get(text, rf"\operatorname{{{text}}}")
        return cls.WORDS.get(text) or cls.plain(text)

    @classmethod
    def plain(cls, text):
        return r"\text{%s}" % "".join(
            cls.ESCAPED.get(char, "\\" + char) if char in "\\{}$&#%_^~<>\n" else char
            for char in text)

    @classmethod
    def number(cls, x):
        if one_by(x):
            return cls.frac("1", str(one_by(x))) if x > 0 else "-" + cls.number(-x)
        if x - x != 0:
            return r"\text{nan}" if x != x else r"\infty" if x > 0 else r"-\infty"
        digits, times, exponent = power_of_ten(x)
        return digits + (r" \cdot " if times else "") + f"10^{{{exponent}}}" if exponent else digits

    @classmethod
    def matrix(cls, rows):
        inside = r" \\ ".join(" & ".join(map(cls.number, row)) for row in rows)
        return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}"

    @staticmethod
    def cases(condition, holds, otherwise):
        return (rf"\begin{{cases}} {holds} & \text{{if }} {condition} \\ "
                rf"{otherwise} & \text{{otherwise}} \end{{cases}}")

    @classmethod
    def sign(cls, text):
        return cls.SIGNS.get(text, text)

    @classmethod
    def row(cls, parts):
        row = parts[0]
        for before, part in zip(parts, parts[1:]):
            words = cls.ends_with_a_word(before) or part.startswith(cls.WORD)
            signs = {"+", "-", "=", "<", ">", ",", *cls.SIGNS.values()} & {before, part}
            row += (r" \, " if words and not signs else " ") + part
        return row.replace(" ,", ",")

    WORD = r"\mathrm{", r"\text{"  # of several letters, which LaTeX sets close to what is beside it

    @classmethod
    def ends_with_a_word(cls, text):
        before, brace, word = text.rpartition("{")
        return (before + brace).endswith(cls.WORD) and word.find("}") == len(word) - 1

    @classmethod
    def between(cls, left, text, right):
        left, right = cls.sign(left), cls.sign(right)
        return rf"\left{left}{' ' * left[1:].isalpha()}{text}\right{right}"

    @classmethod
    def applied(cls, word, inside):
        return word + cls.between("(", inside, ")")


class MathML:
    """The elements of MathML, which browsers set in type without help."""

    LABELS = "labels"  # as they stand beside it, cross_entropy(labels=[0, 1])
    frac = "<mfrac>{}{}</mfrac>".format
    sup = "<msup>{}{}</msup>".format
    sub = "<msub>{}{}</msub>".format
    sqrt = "<msqrt>{}</msqrt>".format
    bold = '<mn style="font-weight: bold">{}</mn>'.format

    @classmethod
    def name(cls, text):
        base, below = base_and_subscripts(text)
        base = cls.word(GREEK.get(base, base))
        return cls.sub(base, cls.word(", ".join(below))) if below else base

    @staticmethod
    def word(text):
        return f"<mi>{escape(text)}</mi>"

    @staticmethod
    def plain(text):
        return f"<mtext>{escape(text)}</mtext>"

    @classmethod
    def number(cls, x):
        digits, times, exponent = (part.replace("-", "−") for part in power_of_ten(x))
        if not exponent:
            return f"<mn>{digits}</mn>"
        factor = f"<mn>{digits}</mn>{cls.sign(times)}" if times else cls.sign("-") * bool(digits)
        return f"<mrow>{factor}{cls.sup('<mn>10</mn>', f'<mn>{exponent}</mn>')}</mrow>"

    @classmethod
    def matrix(cls, rows):
        inside = "".join("<mtr>%s</mtr>" % "".join(f"<mtd>{cls.number(x)}</mtd>" for x in row)
                         for row in rows)
        return cls.between("(", f"<mtable>{inside}</mtable>", ")")

    @classmethod
    def cases(cls, condition, holds, otherwise):
        rows = "".join(f"<mtr><mtd>{case}</mtd><mtd>{where}</mtd></mtr>" for case, where in (
            (holds, cls.row([cls.plain("if "), condition])),
            (otherwise, cls.plain("otherwise"))))
        return f"<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>"

    @staticmethod
    def sign(text):
        return f"<mo>{escape(text.replace('-', '−').replace('Σ', '∑'))}</mo>"

    @staticmethod
    def row(parts):
        row = ""
        for part in parts:
            apart = row and not row.endswith("</mo>") and not part.startswith("<mo>")
            row += f'<mspace width="0.2em"/>{part}' if apart else part
        return f"<mrow>{row}</mrow>"

    @classmethod
    def between(cls, left, text, right):
        return f"<mrow>{cls.sign(left)}{text}{cls.sign(right)}</mrow>"

    @classmethod
    def applied(cls, word, inside):
        return f"<mrow>{word}{cls.between('(', inside, ')')}</mrow>"
