"""The frozen engine program."""

import multiprocessing

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from tsrnn_gui.engine.__main__ import main

    main()
