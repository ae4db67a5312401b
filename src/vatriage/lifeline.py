"""A child process that ends with its parent, even if the parent is killed without a chance to say so."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have the kernel end this process the moment its parent is gone (Linux: prctl; elsewhere nothing happens).

    The kernel watches the parent's thread that started us: that one must live as long as the parent.

    Args:
        parent: its process id; if it is gone already, this process ends here.
    """
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is None:
        return
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
