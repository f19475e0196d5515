"""ConvNet Explorer: build convolutional networks, see every size and count, run them on pictures."""

import os

# NumPy's products here are small, and OpenBLAS's threads wait for one another by spinning: beside a training
# or on a busy machine a product then takes 4 to 70 times as long. Only on x86, where torch has a library of
# its own; elsewhere it may read the same variable, and is to keep its threads.
_machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
if _machine.lower() in ("x86_64", "amd64"):
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
