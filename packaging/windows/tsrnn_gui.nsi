; NSIS, the second way: makensis -DVERSION=0.1.0 -DBUNDLE=dist/tsrnn_gui -DICON=build/made/tsrnn.ico -DOUT=dist packaging/windows/tsrnn_gui.nsi
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"

!ifndef VERSION | BUNDLE | ICON | OUT
  !error "Say -DVERSION, -DBUNDLE, -DICON and -DOUT"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\tsrnn_gui"

Name "tsrnn_gui ${VERSION}"
OutFile "${OUT}/tsrnn_gui-${VERSION}-setup-nsis.exe"
InstallDir "$LOCALAPPDATA\Programs\tsrnn_gui"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
RequestExecutionLevel user
SetCompressor /SOLID lzma
BrandingText "tsrnn_gui ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "tsrnn_gui"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "tsrnn_gui setup"
VIAddVersionKey "LegalCopyright" "MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\tsrnn-gui.exe"
!insertmacro MUI_PAGE_LICENSE "..\..\LICENSE"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Korean"

LangString PROJECT ${LANG_ENGLISH} "tsrnn project"
LangString PROJECT ${LANG_KOREAN} "tsrnn 프로젝트"
LangString ASSOCIATE ${LANG_ENGLISH} "Open .tsrnn files with tsrnn_gui"
LangString ASSOCIATE ${LANG_KOREAN} ".tsrnn 파일을 tsrnn_gui로 열기"

Section "tsrnn_gui"
  SectionIn RO
  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\_internal"
  File /r "${BUNDLE}/*"
  CreateShortcut "$SMPROGRAMS\tsrnn_gui.lnk" "$INSTDIR\tsrnn-gui.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "tsrnn_gui"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\tsrnn-gui.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The tsrnn_gui maintainers"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section "$(ASSOCIATE)"
  WriteRegStr HKCU "Software\Classes\.tsrnn" "" "tsrnn_gui.project"
  WriteRegStr HKCU "Software\Classes\.tsrnn" "Content Type" "application/x-tsrnn"
  WriteRegStr HKCU "Software\Classes\tsrnn_gui.project" "" "$(PROJECT)"
  WriteRegStr HKCU "Software\Classes\tsrnn_gui.project\DefaultIcon" "" "$INSTDIR\tsrnn-gui.exe,0"
  WriteRegStr HKCU "Software\Classes\tsrnn_gui.project\shell\open\command" "" '"$INSTDIR\tsrnn-gui.exe" "%1"'
  ${RefreshShellIcons}
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\tsrnn_gui.lnk"
  Delete "$INSTDIR\tsrnn-gui.exe"
  Delete "$INSTDIR\tsrnn.exe"
  Delete "$INSTDIR\tsrnn-engine.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\_internal"
  RMDir "$INSTDIR"
  ReadRegStr $0 HKCU "Software\Classes\.tsrnn" ""
  StrCmp $0 "tsrnn_gui.project" 0 +2
    DeleteRegKey HKCU "Software\Classes\.tsrnn"
  DeleteRegKey HKCU "Software\Classes\tsrnn_gui.project"
  DeleteRegKey HKCU "${UNINSTALL}"
  ${RefreshShellIcons}
SectionEnd
