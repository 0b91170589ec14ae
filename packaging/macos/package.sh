#!/bin/sh
# Signs dist/tsrnn_gui.app, makes a disk image of it and has it notarised: sh packaging/macos/package.sh VERSION
# TSRNN_SIGN_IDENTITY names a Developer ID (none: signed for this machine only);
# TSRNN_NOTARY_PROFILE a profile stored with "xcrun notarytool store-credentials" (none: not notarised).
set -eu
cd "$(dirname "$0")/../.."
version=${1:?say the version}
app=dist/tsrnn_gui.app
image=dist/tsrnn_gui-$version.dmg
identity=${TSRNN_SIGN_IDENTITY:--}
rights=packaging/macos/entitlements.plist

sign() {
    if [ "$identity" = - ]; then
        codesign --force --sign - "$@"
    else
        codesign --force --timestamp --options runtime --entitlements "$rights" --sign "$identity" "$@"
    fi
}
find "$app/Contents/Frameworks" "$app/Contents/Resources" -type f \( -name '*.dylib' -o -name '*.so' \) -print |
    while read -r library; do sign "$library"; done
for program in tsrnn-engine tsrnn tsrnn-gui; do
    [ ! -e "$app/Contents/MacOS/$program" ] || sign "$app/Contents/MacOS/$program"
done
sign "$app"
codesign --verify --deep --strict "$app"

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -a "$app" "$staging/"
ln -s /Applications "$staging/Applications"
rm -f "$image"
hdiutil create -volname "tsrnn_gui $version" -srcfolder "$staging" -format UDZO -ov "$image"
if [ "$identity" != - ]; then
    sign "$image"
fi
if [ -n "${TSRNN_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$TSRNN_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
