"""Qt objects without widgets: the document, the worker thread, the run log."""
