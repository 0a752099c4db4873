#Requires -Version 3.0
<#
.SYNOPSIS
Copies the files of the old file store into the new one, as files.csv beside this script plans it.

.DESCRIPTION
Run it after the import, with an account that may write to the new file store. It deletes nothing and
overwrites nothing: a file that is there already stays as it is. Every file is then compared with the
SHA-256 of files.csv. Run it again to go on after a failure. Rows without a destination are left out:
those files are missing, or must be copied by hand.

.PARAMETER Target
The folder of the new file store.

.PARAMETER Source
The folder of the old file store; robocopy copies from there and keeps the times of files. Without it
the files that the package carries are taken.

.PARAMETER LinkedOnly
Leave out files to which no message and no event refers.

.EXAMPLE
.\copy-files.ps1 -Source \\old\share\files -Target \\new\share\files -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)] [string] $Target,
    [string] $Source,
    [switch] $LinkedOnly
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# A command line has at most 8191 characters; folders and options need some of them.
$mostCharacters = 5000
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$failures = 0

# .NET knows nothing of the folder that PowerShell is in.
$Target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Target)
if ($Source) {
    $Source = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Source)
}

$rows = @(Import-Csv -LiteralPath ([IO.Path]::Combine($here, 'files.csv')) -Encoding UTF8 |
    Where-Object { $_.destination -ne '' -and $_.sha256 -ne '' } |
    Where-Object { -not $LinkedOnly -or $_.state -eq 'linked' } |
    Sort-Object -Property destination)

function Copy-WithRobocopy([string] $From, [string] $To, [string[]] $Names) {
    # No option of these deletes; /XC /XN /XO leave alone what is there already.
    & robocopy.exe $From $To $Names /COPY:DAT /DCOPY:T /XC /XN /XO /R:2 /W:5 /NP /NDL /NJH /NJS | Out-Host
    if ($LASTEXITCODE -ge 8) {
        Write-Warning "robocopy failed in $From with $LASTEXITCODE"
        $script:failures += 1
    }
}

# A backslash at the end would take the quote behind it for its own; a drive needs it.
function Join-Folder([string] $Root, [string] $Folder) {
    $joined = [IO.Path]::Combine($Root, $Folder).TrimEnd('\')
    if ($joined.EndsWith(':')) {
        return "$joined\"
    }
    return $joined
}

function Copy-Folder([string] $Folder, [object[]] $Files) {
    $from = Join-Folder $Source $Folder
    $to = Join-Folder $Target $Folder
    $names = @()
    $length = 0
    foreach ($file in $Files) {
        $name = [IO.Path]::GetFileName($file.destination)
        if ($names.Count -gt 0 -and $length + $name.Length -gt $mostCharacters) {
            Copy-WithRobocopy $from $to $names
            $names = @()
            $length = 0
        }
        $names += $name
        $length += $name.Length + 3
    }
    Copy-WithRobocopy $from $to $names
}

function Copy-Carried([object] $File) {
    if ($File.carried -eq '') {
        Write-Warning "the package does not carry $($File.destination): give -Source"
        $script:failures += 1
        return
    }
    $to = [IO.Path]::Combine($Target, $File.destination)
    if (-not [IO.File]::Exists($to)) {
        [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to))
        [IO.File]::Copy([IO.Path]::Combine($here, "content\$($File.sha256)"), $to, $false)
    }
}

function Get-Sha256([string] $Path) {
    $stream = [IO.File]::OpenRead($Path)
    try {
        $sha = [Security.Cryptography.SHA256]::Create()
        return [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
    } finally {
        $stream.Dispose()
    }
}

if (-not $PSCmdlet.ShouldProcess($Target, "copy $($rows.Count) files")) {
    return
}
if ($Source) {
    foreach ($group in @($rows | Group-Object -Property { [IO.Path]::GetDirectoryName($_.destination) })) {
        Copy-Folder $group.Name $group.Group
    }
} else {
    foreach ($file in $rows) {
        try {
            Copy-Carried $file
        } catch {
            Write-Warning "$($file.destination): $_"
            $failures += 1
        }
    }
}
foreach ($file in $rows) {
    try {
        if ((Get-Sha256 ([IO.Path]::Combine($Target, $file.destination))) -ne $file.sha256) {
            Write-Warning "$($file.destination) differs from the file of the old store"
            $failures += 1
        }
    } catch {
        Write-Warning "$($file.destination) cannot be compared: $_"
        $failures += 1
    }
}
Write-Host "$($rows.Count) files, $failures failures"
if ($failures -gt 0) {
    exit 1
}
