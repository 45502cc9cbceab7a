"""Runs what a data card says of how its folder is read, in that folder, and prints a line of JSON: for each piece of
Python the packages that it lacks here; none where it has run to its end. Called with the folder."""

import ast
import importlib.util
import json
import os
import re
import sys

os.chdir(sys.argv[1])
lacking = []
for code in re.findall(r"```python\n(.*?)```", open("README.md").read(), re.DOTALL):
    tree = ast.parse(code)
    names = [
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    ]
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    lacking.append(missing)
    if not missing:
        exec(compile(tree, "README.md", "exec"), {})
print(json.dumps(lacking))
