#!/bin/sh
# Installs tsrnn_gui for one user, without root: sh install.sh [FOLDER]; FOLDER is ~/.local if not given.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-"$HOME/.local"}
case $prefix in
-*)
    echo "Usage: sh install.sh [FOLDER]    installs for one user, into ~/.local if no FOLDER is given"
    exit 2
    ;;
esac
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
program=$prefix/lib/tsrnn-gui
share=$prefix/share

if [ -e "$program" ] && [ ! -e "$program/tsrnn-engine" ]; then
    echo "$program is something else: name another folder, as in: sh install.sh \$HOME/tsrnn" >&2
    exit 1
fi
mkdir -p "$prefix/bin" "$prefix/lib" "$share"
rm -rf "$program"
cp -a "$here/tsrnn_gui" "$program"
cp -a "$here/share/." "$share/"
for name in tsrnn-gui tsrnn; do
    ln -sf "../lib/tsrnn-gui/$name" "$prefix/bin/$name"
done
entry=$share/applications/tsrnn_gui.desktop
sed -e "s|^Exec=tsrnn-gui|Exec=\"$program/tsrnn-gui\"|" -e "s|^TryExec=.*|TryExec=$program/tsrnn-gui|" \
    "$here/share/applications/tsrnn_gui.desktop" >"$entry"
(cd "$here/share" && find . -type f) >"$program/installed-files"
cp "$here/uninstall.sh" "$program/uninstall.sh"

refresh() { command -v "$1" >/dev/null 2>&1 && "$@" >/dev/null 2>&1 || true; }
refresh update-mime-database "$share/mime"
refresh update-desktop-database "$share/applications"
refresh gtk-update-icon-cache -q -t "$share/icons/hicolor"

echo "tsrnn_gui is installed: start it from the menu or with '$prefix/bin/tsrnn-gui'"
case :$PATH: in
*:"$prefix/bin":*) ;;
*) echo "The command tsrnn is '$prefix/bin/tsrnn'; that folder is not on the PATH of this shell." ;;
esac
echo "Remove it with: sh '$program/uninstall.sh'"
