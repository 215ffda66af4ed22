# SPDX-License-Identifier: Apache-2.0
"""What the user who runs this reaches: walks folders, tries sockets and roles of the database, and prints what opened as JSON.
Arguments: roles, separated by commas, then folders. Standard input: the names in each folder, since one that cannot be listed may
still be passed."""
import json
import os
import socket
import stat
import subprocess
import sys

seen = {"read": [], "write": [], "connect": [], "roles": []}
known = json.load(sys.stdin)


def try_socket(path):
    with socket.socket(socket.AF_UNIX) as s:
        try:
            s.connect(path)
            seen["connect"].append(path)
        except OSError:
            pass


def visit(path):
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if stat.S_ISLNK(mode):
        return
    if stat.S_ISSOCK(mode):
        try_socket(path)
        return
    if os.access(path, os.W_OK):
        seen["write"].append(path)
    if not stat.S_ISDIR(mode):
        if os.access(path, os.R_OK):
            seen["read"].append(path)
        return
    try:
        names = os.listdir(path)
    except OSError:
        names = known.get(path, [])
    for name in names:
        visit(os.path.join(path, name))


for folder in sys.argv[2:]:
    visit(folder)
for role in sys.argv[1].split(","):
    database = "certhall_sandbox" if role == "certhall_sandbox" else "certhall"
    if subprocess.run(["psql", "-XAtqw", "-U", role, "-d", database, "-c", "SELECT 1"], capture_output=True).returncode == 0:
        seen["roles"].append(role)
print(json.dumps(seen))
