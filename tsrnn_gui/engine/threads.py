"""How TensorFlow may use the processor; decided before it is imported."""

from __future__ import annotations

import os


def configure() -> None:
    """Set what TensorFlow reads once at its import."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
