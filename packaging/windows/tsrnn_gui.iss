; Inno Setup: iscc /DVersion=0.1.0 packaging\windows\tsrnn_gui.iss, after packaging\build.py has filled dist\tsrnn_gui.
#ifndef Version
  #error Say /DVersion=…
#endif
#define Root "..\.."

[Setup]
AppId={{6B1F6B0C-6C7B-4C55-9C36-9F5B1D8B7A11}
AppName=tsrnn_gui
AppVersion={#Version}
AppVerName=tsrnn_gui {#Version}
AppPublisher=The tsrnn_gui maintainers
VersionInfoVersion={#Version}
DefaultDirName={autopf}\tsrnn_gui
DefaultGroupName=tsrnn_gui
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
ChangesAssociations=yes
LicenseFile={#Root}\LICENSE
SetupIconFile={#Root}\build\made\tsrnn.ico
UninstallDisplayIcon={app}\tsrnn-gui.exe
OutputDir={#Root}\dist
OutputBaseFilename=tsrnn_gui-{#Version}-setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "ko"; MessagesFile: "compiler:Languages\Korean.isl"

[CustomMessages]
en.Project=tsrnn project
ko.Project=tsrnn 프로젝트
en.Associate=Open .tsrnn files with tsrnn_gui
ko.Associate=.tsrnn 파일을 tsrnn_gui로 열기

[Tasks]
Name: "associate"; Description: "{cm:Associate}"
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Root}\dist\tsrnn_gui\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{autoprograms}\tsrnn_gui"; Filename: "{app}\tsrnn-gui.exe"
Name: "{autodesktop}\tsrnn_gui"; Filename: "{app}\tsrnn-gui.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.tsrnn"; ValueType: string; ValueData: "tsrnn_gui.project"; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.tsrnn"; ValueType: string; ValueName: "Content Type"; ValueData: "application/x-tsrnn"; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\tsrnn_gui.project"; ValueType: string; ValueData: "{cm:Project}"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\tsrnn_gui.project\DefaultIcon"; ValueType: string; ValueData: "{app}\tsrnn-gui.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\tsrnn_gui.project\shell\open\command"; ValueType: string; ValueData: """{app}\tsrnn-gui.exe"" ""%1"""; Tasks: associate

[Run]
Filename: "{app}\tsrnn-gui.exe"; Description: "{cm:LaunchProgram,tsrnn_gui}"; Flags: nowait postinstall skipifsilent
