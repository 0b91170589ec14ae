"""Every command of the window, once: its menu, words, keys, and when it may be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from tsrnn_gui.app.going_on import why_not_continue, why_not_go_on

if TYPE_CHECKING:
    from tsrnn_gui.ui.main_window import MainWindow

Keys = QKeySequence.StandardKey | str | None
_S = QKeySequence.StandardKey


@dataclass(frozen=True)
class Command:
    """One command; ``run`` does it, ``enabled`` says whether it may be done now, ``why_not`` why not.

    A command that chooses one of several has ``checked``, which says whether its choice is made.
    """

    name: str
    menu: str
    text: str
    keys: Keys
    run: Callable[[MainWindow], object]
    enabled: Callable[[MainWindow], bool] = lambda window: True
    tip: str = ""
    why_not: Callable[[MainWindow], str] = lambda window: ""
    separated: bool = False
    checked: Callable[[MainWindow], bool] | None = None


COMMANDS: tuple[Command, ...] = (
    Command("new_project", "&File", "&New project", _S.New, lambda w: w.new_project()),
    Command("open_project", "&File", "&Open project…", "Ctrl+Shift+O", lambda w: w.ask_project()),
    Command("open_series", "&File", "Open &series…", _S.Open, lambda w: w.ask_series(), separated=True),
    Command("open_code", "&File", "Open &Keras code or model…", "Ctrl+K", lambda w: w.ask_code()),
    Command("samples", "&File", "Sam&ples…", "Ctrl+L", lambda w: w.show_samples()),
    Command("save_as", "&File", "Save &as…", _S.SaveAs, lambda w: w.ask_save_as(), separated=True),
    Command("save", "&File", "&Save", _S.Save, lambda w: w.save(), tip="Every edit is saved already"),
    Command("save_copy", "&File", "Save a &copy…", None, lambda w: w.ask_save_copy()),
    Command(
        "export_forecast",
        "&File",
        "&Export forecast…",
        "Ctrl+E",
        lambda w: w.export_forecast(),
        lambda w: w.has_forecast(),
        "Write the forecast as CSV or Excel",
        lambda w: "Train a stack first",
        separated=True,
    ),
    Command(
        "export_model",
        "&File",
        "Export &model…",
        "Ctrl+Shift+E",
        lambda w: w.run_export.ask(),
        lambda w: not w.run_export.why_not(),
        "Take the trained network away, or the code that trains it",
        lambda w: w.run_export.why_not(),
    ),
    Command("quit", "&File", "&Quit", _S.Quit, lambda w: w.close(), separated=True),
    Command(
        "undo",
        "&Edit",
        "&Undo",
        _S.Undo,
        lambda w: w.document.undo_stack.undo(),
        lambda w: w.document.undo_stack.canUndo(),
    ),
    Command(
        "redo",
        "&Edit",
        "&Redo",
        _S.Redo,
        lambda w: w.document.undo_stack.redo(),
        lambda w: w.document.undo_stack.canRedo(),
    ),
    Command("cut", "&Edit", "Cu&t layers", _S.Cut, lambda w: w.stack_panel.cut_selected(), separated=True),
    Command("copy", "&Edit", "&Copy layers", _S.Copy, lambda w: w.stack_panel.copy_selected()),
    Command(
        "paste",
        "&Edit",
        "&Paste layers or code",
        _S.Paste,
        lambda w: w.paste(),
        tip="Paste layers, or take a whole model out of Keras code",
    ),
    Command(
        "copy_experiment",
        "&Edit",
        "Copy e&xperiment as Keras code",
        "Ctrl+Shift+C",
        lambda w: w.copy_experiment(),
        lambda w: not w.document.verdict.errors,
        "Copy data, model and training as Keras code",
        lambda w: w.document.verdict.errors[0].text,
    ),
    Command("duplicate", "&Edit", "&Duplicate layer", "Ctrl+D", lambda w: w.stack_panel.duplicate_selected()),
    Command("remove", "&Edit", "&Remove layer", _S.Delete, lambda w: w.stack_panel.remove_selected()),
    Command("move_up", "&Edit", "Move layer &up", "Alt+Up", lambda w: w.stack_panel.move_selected(-1)),
    Command("move_down", "&Edit", "Move layer &down", "Alt+Down", lambda w: w.stack_panel.move_selected(1)),
    Command(
        "range_test",
        "&Model",
        "&Range test…",
        "Ctrl+R",
        lambda w: w.show_range_test(),
        lambda w: not w.document.verdict.errors,
        "Try learning rates and see which to train with",
        lambda w: w.document.verdict.errors[0].text,
    ),
    Command(
        "measure",
        "&Model",
        "&Measure",
        "F4",
        lambda w: w.estimator.measure(),
        lambda w: not w.estimator.why_not,
        "Take a few steps to see how long an epoch will take",
        lambda w: w.estimator.why_not,
    ),
    Command(
        "train",
        "&Model",
        "&Train",
        "F5",
        lambda w: w.train(),
        lambda w: w.can_train(),
        "Train the stack on the series",
        lambda w: w.why_not_train(),
    ),
    Command(
        "pause",
        "&Model",
        "&Pause",
        "F6",
        lambda w: w.pause_or_resume(),
        lambda w: w.trainer.state in ("training", "paused"),
        "Hold the run; press again to go on",
        lambda w: "Nothing is being trained",
    ),
    Command(
        "stop",
        "&Model",
        "&Stop",
        "Shift+F5",
        lambda w: w.trainer.stop(),
        lambda w: w.trainer.state in ("training", "paused"),
        "Stop and keep what was learned",
        lambda w: "Nothing is being trained",
    ),
    Command(
        "continue_run",
        "&Model",
        "&Continue the run",
        "F7",
        lambda w: w.continue_run(),
        lambda w: not why_not_continue(w.trainer, w.document),
        "Train what is left of the run that was stopped or interrupted",
        lambda w: why_not_continue(w.trainer, w.document),
        separated=True,
    ),
    Command(
        "go_on",
        "&Model",
        "&Go on from an epoch…",
        "Ctrl+G",
        lambda w: w.show_go_on(),
        lambda w: not why_not_go_on(w.trainer, w.document),
        "Begin a new run after any epoch of this one, with another rate or schedule",
        lambda w: why_not_go_on(w.trainer, w.document),
    ),
    Command(
        "use_saved_weights",
        "&Model",
        "Forecast with opened &weights",
        None,
        lambda w: w.use_saved_weights(),
        lambda w: not w.saved_weights.why_not(),
        "Judge the opened model as it was saved, without training",
        lambda w: w.saved_weights.why_not(),
        separated=True,
    ),
    Command(
        "light",
        "&View",
        "&Light",
        None,
        lambda w: w.set_scheme("light"),
        checked=lambda w: w.settings.colour_scheme == "light",
    ),
    Command(
        "dark",
        "&View",
        "&Dark",
        None,
        lambda w: w.set_scheme("dark"),
        checked=lambda w: w.settings.colour_scheme == "dark",
    ),
    Command(
        "system",
        "&View",
        "As the &system",
        None,
        lambda w: w.set_scheme("system"),
        checked=lambda w: w.settings.colour_scheme == "system",
    ),
    Command("reset_layout", "&View", "&Reset layout", None, lambda w: w.reset_layout(), separated=True),
    Command("about", "&Help", "&About", None, lambda w: w.show_about()),
)


def make_actions(window: MainWindow) -> dict[str, QAction]:
    """Make an action a command, on ``window``'s menus."""
    actions: dict[str, QAction] = {}
    titles = dict.fromkeys(command.menu for command in COMMANDS)
    menus = window.menus = {title: window.menuBar().addMenu(title) for title in titles}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setObjectName(command.name)
        if command.keys is not None:
            action.setShortcuts(
                QKeySequence.keyBindings(command.keys)
                if isinstance(command.keys, _S)
                else [QKeySequence(command.keys)]
            )
        action.setData(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        action.triggered.connect(lambda _=False, command=command: command.run(window))
        action.setCheckable(command.checked is not None)
        if command.separated:
            menus[command.menu].addSeparator()
        menus[command.menu].addAction(action)
        actions[command.name] = action
    return actions


def refresh_actions(window: MainWindow, actions: dict[str, QAction]) -> None:
    """Enable what may be done now and say of the rest why not."""
    for command in COMMANDS:
        action, may = actions[command.name], command.enabled(window)
        action.setEnabled(may)
        if command.checked is not None:
            action.setChecked(command.checked(window))
        words, keys = command.tip or command.text.replace("&", "").rstrip("…"), action.data()
        tip = words if may else command.why_not(window) or words
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
