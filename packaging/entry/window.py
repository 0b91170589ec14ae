"""The frozen window program."""

import multiprocessing

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from tsrnn_gui.__main__ import main

    raise SystemExit(main())
