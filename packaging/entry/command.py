"""The frozen ``tsrnn`` command."""

import multiprocessing

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from tsrnn_gui.cli import main

    raise SystemExit(main())
