"""Runs a program under the system call filters of a systemd unit: sandbox.py UNIT PROGRAM [ARGUMENT...]

The groups are what this machine's systemd says they are. A call that the filters deny ends the program with SIGSYS, whatever the unit says
of SystemCallErrorNumber, so that none goes unnoticed. Root becomes nobody, without capabilities."""

import ctypes
import os
import socket
import subprocess
import sys

ALLOW, KILL = 0x7FFF0000, 0x80000000
EQUAL, MASKED_EQUAL = 4, 7
READ_ONLY, WRITE, EXECUTE = 0, 2, 4
NOBODY = 65534

seccomp = ctypes.CDLL("libseccomp.so.2")


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("first", ctypes.c_uint64), ("second", ctypes.c_uint64)]


seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
seccomp.seccomp_rule_add_array.argtypes = [
    ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Comparison)]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]


def settings(unit, name):
    lines = (line.strip() for line in open(unit))
    return [line.removeprefix(name + "=") for line in lines if line.startswith(name + "=")]


def calls(name):
    """The system calls of a group, or the one of that name."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name], check=True, capture_output=True, text=True)
    members = (line.strip() for line in listed.stdout.splitlines()[1:])
    return set().union(*(calls(member) for member in members if member and not member.startswith("#")))


def allowed(unit):
    result = set(calls("@default"))
    for setting in settings(unit, "SystemCallFilter"):
        named = set().union(*(calls(name) for name in setting.removeprefix("~").split()))
        result = result - named if setting.startswith("~") else result | named
    return result


def allow(context, name, *comparisons):
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    # This architecture may not have it.
    if number >= 0:
        rule = (Comparison * len(comparisons))(*comparisons)
        assert seccomp.seccomp_rule_add_array(context, ALLOW, number, len(comparisons), rule) == 0, name


def main(unit, *command):
    context = seccomp.seccomp_init(KILL)
    families = [getattr(socket, family) for setting in settings(unit, "RestrictAddressFamilies") for family in setting.split()]
    assert families and settings(unit, "MemoryDenyWriteExecute") == ["yes"]
    for name in allowed(unit) - {"socket", "mmap", "mprotect", "pkey_mprotect", "shmat"}:
        allow(context, name)
    for family in families:
        allow(context, "socket", Comparison(0, EQUAL, family))
    for protection in [READ_ONLY, WRITE, EXECUTE]:
        allow(context, "mmap", Comparison(2, MASKED_EQUAL, WRITE | EXECUTE, protection))
    allow(context, "mprotect", Comparison(2, MASKED_EQUAL, EXECUTE, 0))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    assert seccomp.seccomp_load(context) == 0
    os.execvp(command[0], command)


main(*sys.argv[1:])
