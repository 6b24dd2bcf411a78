"""This file holds how the child process limits its own memory and time, each system in its own way."""

from __future__ import annotations

import sys


def limit(memory: int, seconds: float) -> bool:
    """Whether this process can't take more memory than this now; the parent's watchdog over time holds everywhere."""
    try:
        return _on_windows(memory) if sys.platform == "win32" else _on_posix(memory, seconds)
    except Exception:  # a limit that can't be set is no reason not to read
        return False


def _on_posix(memory: int, seconds: float) -> bool:
    if sys.platform == "win32":
        return False
    import resource

    for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, int(seconds) + 1), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(which)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(which, (allowed, hard))
        except (ValueError, OSError):  # a system that knows the limit and can't set it
            continue
    return sys.platform == "linux"  # others know the limit on memory and don't keep it


def _on_windows(memory: int) -> bool:
    """Puts this process into a job of its own that may use so much memory."""
    if sys.platform != "win32":
        return False
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("per_process_time", ctypes.c_int64),
            ("per_job_time", ctypes.c_int64),
            ("flags", wintypes.DWORD),
            ("least_working_set", ctypes.c_size_t),
            ("most_working_set", ctypes.c_size_t),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
        )

    class Extended(ctypes.Structure):
        _fields_ = (
            ("basic", Basic),
            ("io", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process_memory", ctypes.c_size_t),
            ("peak_job_memory", ctypes.c_size_t),
        )

    system = ctypes.WinDLL("kernel32", use_last_error=True)
    system.CreateJobObjectW.restype = wintypes.HANDLE
    system.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    system.GetCurrentProcess.restype = wintypes.HANDLE
    system.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    system.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    job = system.CreateJobObjectW(None, None)
    wanted = Extended()
    wanted.basic.flags = 0x100  # JOB_OBJECT_LIMIT_PROCESS_MEMORY
    wanted.process_memory = memory
    told = system.SetInformationJobObject(job, 9, ctypes.byref(wanted), ctypes.sizeof(wanted))  # 9: the extended limits
    return bool(told and system.AssignProcessToJobObject(job, system.GetCurrentProcess()))
