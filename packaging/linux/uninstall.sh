#!/bin/sh
# Removes what install.sh installed; projects and settings stay.
set -eu
program=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$program/../.." && pwd)
share=$prefix/share

if [ ! -e "$program/installed-files" ]; then
    echo "Nothing is installed here: run the uninstall.sh in lib/tsrnn-gui of the folder you installed to." >&2
    exit 1
fi
refresh() { command -v "$1" >/dev/null 2>&1 && "$@" >/dev/null 2>&1 || true; }
while read -r file; do
    rm -f "$share/$file"
done <"$program/installed-files"
rm -f "$prefix/bin/tsrnn-gui" "$prefix/bin/tsrnn"
cd /
rm -rf "$program"
refresh update-mime-database "$share/mime"
refresh update-desktop-database "$share/applications"
refresh gtk-update-icon-cache -q -t "$share/icons/hicolor"
find "$share/icons" "$share/metainfo" "$share/applications" "$share/mime/packages" -type d -empty -delete 2>/dev/null || true
echo "tsrnn_gui is removed; projects and settings were kept."
