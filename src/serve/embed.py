#!/usr/bin/env python3
"""Makes landing_page.inc: the landing page as constants for landing.cpp.

    embed.py landing.html landing.css SCRIPT… landing_page.inc

The style and the scripts, joined, take the places of the page's two markers; the policy allows
these two by their hashes. Indentation and lines of comment stay here. The page is there as text and
compressed. The same input, and the same zlib, give the same bytes.
"""

import base64
import gzip
import hashlib
import pathlib
import re
import sys

POLICY = ("default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; "
          "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'; trusted-types 'none'")
PIECE = 8000  # characters a literal: compilers need not take longer ones


def stripped(text):
    """Without indentation, empty lines, and lines that are comments alone."""
    text = re.sub(r"(?ms)^[ \t]*/\*.*?\*/[ \t]*\n", "", text)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def packed(style):
    """Without the spaces around a style's punctuation; in its strings there is none."""
    return re.sub(r"\s*([{};,>])\s*", r"\1", style).replace(": ", ":").replace(";}", "}\n")


def source_hash(text):
    """As a policy states it, of what stands between an element's tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def replaced(page, marker, text):
    if page.count(marker) != 1:
        raise SystemExit(f"embed.py: error: expected '{marker}' once in the page, "
                         f"saw it {page.count(marker)} times")
    return page.replace(marker, text)


def literals(text):
    """A string literal that spans pieces, as raw strings that the text cannot end."""
    if ')stele"' in text:
        raise SystemExit("embed.py: error: expected no ')stele\"' in the page; write it otherwise")
    pieces = [text[at:at + PIECE] for at in range(0, len(text), PIECE)]
    return "\n".join(f'    R"stele({piece})stele"' for piece in pieces)


def byte_literals(data):
    """A string literal of any bytes, a line each for so many of them."""
    lines = [data[at:at + 24] for at in range(0, len(data), 24)]
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in line) + '"' for line in lines)


def main(page_path, style_path, *others):
    *script_paths, out_path = others
    read = lambda path: stripped(pathlib.Path(path).read_text(encoding="utf-8"))
    page, style = read(page_path), packed(read(style_path))
    script = "\n".join(read(path) for path in script_paths)
    for name, text, end in ((style_path, style, "</style"), ("the script", script, "</script")):
        if end in text:
            raise SystemExit(f"{name}: error: expected no '{end}', which would end the element")
    policy = POLICY.format(script=source_hash(script), style=source_hash(style))
    page = replaced(replaced(page, "/*landing.css*/", style), "/*landing.js*/", script)
    packed_page = gzip.compress(page.encode(), mtime=0)
    pathlib.Path(out_path).write_text(
        "// Made by embed.py.\n"
        f"constexpr std::string_view page =\n{literals(page)};\n"
        f"constexpr std::string_view gzipped_page(\n{byte_literals(packed_page)},\n"
        f"    {len(packed_page)});\n"
        f"#define STELE_PAGE_POLICY \"{policy}\"\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        raise SystemExit("embed.py: error: expected PAGE STYLE SCRIPT… OUTPUT, "
                         f"saw {len(sys.argv) - 1} arguments")
    main(*sys.argv[1:])
