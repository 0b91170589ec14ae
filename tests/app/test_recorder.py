"""The recorder: what it holds in memory is what the file keeps."""

from __future__ import annotations

from tsrnn_gui.app.order import Order
from tsrnn_gui.app.recorder import Recorder
from tsrnn_gui.wire.messages import Checkpoint


def test_that_memory_holds_the_checkpoints_that_the_file_keeps(document, tmp_path):
    project, told = document.project, []
    order = Order(project.series, project.experiment)
    recorder = Recorder(document.path, order, told.append)
    recorder.begin()
    for epoch, step in [*((epoch, 0) for epoch in range(50)), (49, 3), (49, 0), (50, 0)]:
        state = bytes([epoch, step])
        recorder.keep(Checkpoint(order.run, epoch=epoch, best=epoch == 33, state=state, step=step))
    recorder.close()
    rows = document.file._db.execute("SELECT epoch, step, state FROM checkpoints ORDER BY epoch, step")
    in_memory = sorted((news.epoch, news.step, bytes(news.state)) for news in recorder._news)
    assert rows.fetchall() == in_memory
    assert {(33, 0), (50, 0), (48, 0)} <= {(epoch, step) for epoch, step, _ in in_memory}
    assert (49, 3) not in {(epoch, step) for epoch, step, _ in in_memory}
    document.save_as(tmp_path / "copy.tsrnn")
    assert not told
