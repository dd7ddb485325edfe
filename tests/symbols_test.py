#!/usr/bin/python3
"""A shared libstele exports what STELE_API marks, and nothing else: no template of the standard
library or of Boost, which a service with another version of them would then share with it."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])
LIBRARIES = [pathlib.Path(path) for path in os.environ["STELE_LIBRARIES"].split(":")]
PLUGIN = os.environ["STELE_PLUGIN"]

# What an exported symbol may be: a marked function or variable, a member of a marked class, or what
# a marked class has beside its members.
SYMBOL = re.compile(r"^stele::((?:\w+::)*[\w~]+|(?:\w+::)*operator(?:\S+?| new| delete))(?:\[abi:\w+\])?(?:\(.*)?$")
OF_A_CLASS = re.compile(r"^(?:typeinfo|typeinfo name|vtable|VTT) for stele::([\w:]+)$")


def nm(option, path):
    """The names that `nm` prints, demangled, with their types."""
    result = subprocess.run(["nm", "-DC", option, path], capture_output=True, text=True, check=True)
    pairs = [re.match(r"^[0-9a-f ]{16} (\S) (.*)$", line) for line in result.stdout.splitlines()]
    return [(pair[1], as_declared(re.sub(r"@.*", "", pair[2]))) for pair in pairs]


def as_declared(name):
    """An instance of a function template without its arguments and its type."""
    return re.sub(r"^[\w:]+[*&]? (?=stele::)|(?<=\w)<\w+>(?=\()", "", name)


def marked_names():
    """The classes, and the functions and variables, that STELE_API marks: their unqualified names."""
    classes, others = set(), set()
    headers = {*ROOT.glob("include/stele/*.hpp"), *ROOT.glob("src/*/*.hpp")}
    if not any(path.name.startswith("libstele-secure") for path in LIBRARIES):
        # It was not built.
        headers -= {ROOT / "include/stele/secure.hpp", *ROOT.glob("src/secure/*.hpp")}
    if not any(path.name.startswith("libstele-push") for path in LIBRARIES):
        headers -= {ROOT / "include/stele/push.hpp", *ROOT.glob("src/push/*.hpp")}
    if not any(path.name.startswith("libstele-agents") for path in LIBRARIES):
        headers -= {ROOT / f"include/stele/{name}.hpp"
                    for name in ("agents", "agent_options", "pushed")}
    for path in sorted(headers):
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"^#.*", "", text, flags=re.M)
        for declaration in re.findall(r"(\w+\s+)?\bSTELE_API\b([^;{(]*)", text):
            names = re.findall(r"[\w]+", declaration[1].split("=")[0])
            if declaration[0].strip() in ("class", "struct"):
                classes.add(names[0])
            else:
                others.add(names[-1])
    return classes, others


class Symbols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.classes, cls.others = marked_names()
        cls.exported = {path.name: nm("--defined-only", path) for path in LIBRARIES}

    def may_be_exported(self, name):
        if of_a_class := OF_A_CLASS.match(name):
            return of_a_class[1].split("::")[-1] in self.classes
        if not (symbol := SYMBOL.match(re.sub(r"\(.*", "", name))):
            return False
        *scopes, last = symbol[1].split("::")
        return last in self.others or (bool(scopes) and scopes[-1] in self.classes)

    def test_the_rule_tells_right_from_wrong(self):
        for name in ("stele::core::gather(std::span<int>)", "stele::endpoint::~endpoint()",
                     "stele::snapshot::operator=(stele::snapshot&&)",
                     "stele::core::reader::operator new(unsigned long)",
                     "vtable for stele::core::reader"):
            self.assertTrue(self.may_be_exported(name), name)
        for name in ("std::vector<stele::x>::push_back(int)", "stele::core::table_state::fold(int)",
                     "boost::asio::io_context::run()", "stele::endpoint::impl::start()",
                     "typeinfo for stele::core::table_state", "main"):
            self.assertFalse(self.may_be_exported(name), name)

    def test_only_what_is_marked_is_exported(self):
        for library, symbols in self.exported.items():
            leaks = sorted({name for _, name in symbols if not self.may_be_exported(name)})
            self.assertEqual(leaks, [], f"{library} exports what STELE_API does not mark")

    def test_all_that_is_marked_is_exported(self):
        names = "\n".join(name for symbols in self.exported.values() for _, name in symbols)
        self.assertGreater(len(self.others), 10)
        for name in sorted(self.others):
            with self.subTest(name):
                self.assertRegex(names, rf"(?m)^stele::(\w+::)*{name}(\[abi:\w+\])?(\(|$)")
        for name in sorted(self.classes):
            with self.subTest(name):
                self.assertRegex(names, rf"(?m)(^|for )stele::(\w+::)*{name}(::|$)")

    def test_none_is_unique_to_the_process(self):
        # Such a symbol (`u`) would keep the library loaded, and bind to another library's.
        for library, symbols in self.exported.items():
            self.assertEqual([name for kind, name in symbols if kind == "u"], [], library)

    def test_a_plugin_reaches_its_thread_pointer_without_a_call(self):
        # The initial-exec model: else each update in a shared object calls the loader.
        self.assertNotIn("__tls_get_addr", [name for _, name in nm("--undefined-only", PLUGIN)])


if __name__ == "__main__":
    unittest.main()
