<#
.SYNOPSIS
Re-creates the add-ins, categories and rooms of this package in a Persistent Chat pool.

.DESCRIPTION
Uses the documented cmdlets of Lync Server 2013 and Skype for Business Server 2015 alone. It loads no
messages: no cmdlet can. Run it in the management shell as a member of CsPersistentChatAdministrator.

It may be run again: what exists is set to what stands here, and a list that is empty here is cleared. Left
as they are: the allowed members of a category without restriction (see Everyone), members of open rooms and
presenters of normal rooms, which have none, and descriptions and add-ins where none stands here. Every item
is tried on its own; what fails is written to the log with its GUID, and the script ends with exit code 1.

Left out are people outside the scope of a room's category, and disabled, federated and unknown principals,
as the server would leave them out. Import/User.xml tells who stands behind the numbers in comments.

The account that runs it may become a manager of the rooms it creates; remove it there if that is not wanted.

.PARAMETER PoolFqdn
The fully qualified name of the Persistent Chat pool.

.PARAMETER Everyone
What a category without any restriction shall let in: distinguished names, such as 'DC=litware,DC=example'.
Without it, the allowed members of such categories are left as they are, and the log tells which they are.

.PARAMETER LogPath
The file that the log is appended to.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [ValidateNotNullOrEmpty()]
    [string] $PoolFqdn,

    [string[]] $Everyone = @(),

    [string] $LogPath = 'structure.log'
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$script:Failures = 0

function Write-Log([string] $Level, [string] $Guid, [string] $Identity, [string] $Message) {
    $time = [DateTime]::UtcNow.ToString('u')
    $line = $time + ' ' + $Level + ' ' + $Guid + ' ' + $Identity + ': ' + $Message
    Add-Content -LiteralPath $LogPath -Value $line -Encoding UTF8 -WhatIf:$false
    if ($Level -eq 'ERROR') {
        $script:Failures += 1
    }
    if ($Level -eq 'INFO') {
        Write-Verbose $line
    } else {
        Write-Warning $line
    }
}

function Test-Found([scriptblock] $Get) {
    try {
        return ($null -ne (& $Get))
    } catch {
        return $false
    }
}

# All at once. Where the server refuses, one by one, so that only those are missing whom it refuses.
# Without people the list is cleared, which the cmdlets do for $null.
function Set-People([string] $Cmdlet, [string] $Guid, [string] $Identity, [string] $List, [string[]] $People) {
    $arguments = @{ Identity = $Identity }
    if ($People.Count -eq 0) {
        try {
            $arguments[$List] = $null
            & $Cmdlet @arguments
        } catch {
            Write-Log 'ERROR' $Guid $Identity ($List + ' are not cleared: ' + $_)
        }
        return
    }
    try {
        $arguments[$List] = @{ Replace = $People }
        & $Cmdlet @arguments
        return
    } catch {
        Write-Log 'WARNING' $Guid $Identity ($List + ' are added one by one: ' + $_)
    }
    foreach ($person in $People) {
        try {
            $arguments[$List] = @{ Add = $person }
            & $Cmdlet @arguments
        } catch {
            Write-Log 'ERROR' $Guid $Identity ($List + ', ' + $person + ': ' + $_)
        }
    }
}

function Add-Addin([string] $Guid, [string] $Name, [string] $Url) {
    $identity = $PoolFqdn + '\' + $Name
    try {
        if (-not $PSCmdlet.ShouldProcess($identity, 'Create or set add-in')) {
            return
        }
        if (Test-Found { Get-CsPersistentChatAddin -Identity $identity }) {
            Set-CsPersistentChatAddin -Identity $identity -Url $Url
        } else {
            New-CsPersistentChatAddin -Name $Name -Url $Url -PersistentChatPoolFqdn $PoolFqdn | Out-Null
        }
        Write-Log 'INFO' $Guid $identity 'add-in done'
    } catch {
        Write-Log 'ERROR' $Guid $identity ('add-in: ' + $_)
    }
}

function Add-Category(
    [string] $Guid, [string] $Name, [string] $Description,
    [bool] $Invitations, [bool] $ChatHistory, [bool] $FileUpload, [bool] $Unrestricted,
    [string[]] $Allowed, [string[]] $Denied, [string[]] $Creators
) {
    $identity = $PoolFqdn + '\' + $Name
    try {
        if (-not $PSCmdlet.ShouldProcess($identity, 'Create or set category')) {
            return
        }
        $settings = @{}
        if ($Description -ne '') {
            $settings['Description'] = $Description
        }
        if (-not (Test-Found { Get-CsPersistentChatCategory -Identity $identity })) {
            New-CsPersistentChatCategory -Name $Name -EnableInvitations:$Invitations `
                -EnableFileUpload:$FileUpload -RemoveChatHistory:(-not $ChatHistory) `
                -PersistentChatPoolFqdn $PoolFqdn @settings | Out-Null
        }
        Set-CsPersistentChatCategory -Identity $identity -Invitations $Invitations `
            -ChatHistory $ChatHistory -FileUpload $FileUpload @settings
        if ($Unrestricted -and $Everyone.Count -eq 0) {
            Write-Log 'WARNING' $Guid $identity 'was unrestricted; its allowed members are left as they are'
        } elseif ($Unrestricted) {
            Set-People 'Set-CsPersistentChatCategory' $Guid $identity 'AllowedMembers' $Everyone
        } else {
            Set-People 'Set-CsPersistentChatCategory' $Guid $identity 'AllowedMembers' $Allowed
        }
        Set-People 'Set-CsPersistentChatCategory' $Guid $identity 'DeniedMembers' $Denied
        Set-People 'Set-CsPersistentChatCategory' $Guid $identity 'Creators' $Creators
        Write-Log 'INFO' $Guid $identity 'category done'
    } catch {
        Write-Log 'ERROR' $Guid $identity ('category: ' + $_)
    }
}

function Add-Room(
    [string] $Guid, [string] $Name, [string] $Category, [string] $Description, [string] $Addin,
    [string] $Privacy, [string] $Type, [string] $Invitations,
    [string[]] $Members, [string[]] $Managers, [string[]] $Presenters
) {
    $identity = $PoolFqdn + '\' + $Name
    try {
        if (-not $PSCmdlet.ShouldProcess($identity, 'Create or set room')) {
            return
        }
        $settings = @{
            Category = $PoolFqdn + '\' + $Category
            Privacy = $Privacy
            Type = $Type
            Invitations = $Invitations
        }
        if ($Description -ne '') {
            $settings['Description'] = $Description
        }
        if ($Addin -ne '') {
            $settings['Addin'] = $PoolFqdn + '\' + $Addin
        }
        if (Test-Found { Get-CsPersistentChatRoom -Identity $identity }) {
            Set-CsPersistentChatRoom -Identity $identity @settings
        } else {
            New-CsPersistentChatRoom -Name $Name -PersistentChatPoolFqdn $PoolFqdn @settings | Out-Null
        }
        if ($Privacy -ne 'Open') {
            Set-People 'Set-CsPersistentChatRoom' $Guid $identity 'Members' $Members
        }
        Set-People 'Set-CsPersistentChatRoom' $Guid $identity 'Managers' $Managers
        if ($Type -eq 'Auditorium') {
            Set-People 'Set-CsPersistentChatRoom' $Guid $identity 'Presenters' $Presenters
        }
        Write-Log 'INFO' $Guid $identity 'room done'
    } catch {
        Write-Log 'ERROR' $Guid $identity ('room: ' + $_)
    }
}

function Disable-Room([string] $Guid, [string] $Name) {
    $identity = $PoolFqdn + '\' + $Name
    try {
        if ($PSCmdlet.ShouldProcess($identity, 'Disable room')) {
            Set-CsPersistentChatRoom -Identity $identity -Disabled $true
            Write-Log 'INFO' $Guid $identity 'room disabled'
        }
    } catch {
        Write-Log 'ERROR' $Guid $identity ('disable: ' + $_)
    }
}
