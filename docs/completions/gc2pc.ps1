
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'gc2pc' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'gc2pc'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'gc2pc' {
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Tell what is in files: kinds, tables, rooms, people, first and last message, damage')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Convert archives into one package: the main job')
            [CompletionResult]::new('tables', 'tables', [CompletionResultType]::ParameterValue, 'Tell the tables of SQL Server dumps, with the engine''s count of rows and ours')
            [CompletionResult]::new('rows', 'rows', [CompletionResultType]::ParameterValue, 'Write the rows of a table as CSV')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what differs between two packages, or between sources and the package made of them')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell where a message came from, what was dropped in its favour and why, or what became of a record')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove a package: checksums, documents, references, and that every record is accounted for')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'gc2pc;inspect' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role that a number of tblPrincipalRole stands for, where tblRoleType is missing')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Which backup of a file that holds several [default: the last full one]')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: beside the output, else the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Write the facts as JSON')
            [CompletionResult]::new('--salvage', '--salvage', [CompletionResultType]::ParameterName, 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;convert' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The package: one ZIP if the name ends in .zip, else a folder')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The package: one ZIP if the name ends in .zip, else a folder')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Keep only these categories and what is below them (old path or new name); give inputs before it')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'Which documents to write')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Leave out what happened before this time (UTC)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Leave out what happened at this time or later (UTC)')
            [CompletionResult]::new('--people-map', '--people-map', [CompletionResultType]::ParameterName, 'New addresses of people: a CSV of old and new SIP address, GUID or @domain')
            [CompletionResult]::new('--separator', '--separator', [CompletionResultType]::ParameterName, 'What joins the names of a flattened path')
            [CompletionResult]::new('--prefix-rooms', '--prefix-rooms', [CompletionResultType]::ParameterName, 'Which rooms below a subcategory take its path into their name')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'What the target has already: names, or CSV of Get-CsPersistentChatRoom and -Category; tells what an import overwrites')
            [CompletionResult]::new('--files', '--files', [CompletionResultType]::ParameterName, 'The old file store: tell which files messages refer to, which are missing, and plan their copying')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role that a number of tblPrincipalRole stands for, where tblRoleType is missing')
            [CompletionResult]::new('--compression', '--compression', [CompletionResultType]::ParameterName, 'How hard to compress a ZIP')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'How much memory to take, about; the rest waits in a temporary file')
            [CompletionResult]::new('--max-rejected', '--max-rejected', [CompletionResultType]::ParameterName, 'Stop, and write nothing, when more records than this are rejected')
            [CompletionResult]::new('--info', '--info', [CompletionResultType]::ParameterName, 'A line for bag-info.txt, such as who made the package and for whom')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Which backup of a file that holds several [default: the last full one]')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: beside the output, else the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Write nothing; tell the names, findings, counts and sizes that the run would have')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'With --dry-run, write the plan as JSON')
            [CompletionResult]::new('--without-disabled-rooms', '--without-disabled-rooms', [CompletionResultType]::ParameterName, 'Leave out disabled rooms with their messages')
            [CompletionResult]::new('--include-files', '--include-files', [CompletionResultType]::ParameterName, 'Carry the files of the old file store in the package')
            [CompletionResult]::new('--staging', '--staging', [CompletionResultType]::ParameterName, 'Add bcp files and a script that load a staging mgc database, from which the vendor''s cmdlet exports')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the package if it exists')
            [CompletionResult]::new('--salvage', '--salvage', [CompletionResultType]::ParameterName, 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'gc2pc;tables' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Which backup of a file that holds several [default: the last full one]')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: beside the output, else the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Write the tables as JSON')
            [CompletionResult]::new('--salvage', '--salvage', [CompletionResultType]::ParameterName, 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;rows' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Which backup of a file that holds several [default: the last full one]')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: beside the output, else the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--salvage', '--salvage', [CompletionResultType]::ParameterName, 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;diff' {
            [CompletionResult]::new('--people-map', '--people-map', [CompletionResultType]::ParameterName, 'The people map with which the package was made')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'How much memory to take, about; the rest waits in a temporary file')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Write the differences as JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;explain' {
            [CompletionResult]::new('--inputs', '--inputs', [CompletionResultType]::ParameterName, 'The inputs of the package, or a folder with them: shows the record as it stands there')
            [CompletionResult]::new('--temp', '--temp', [CompletionResultType]::ParameterName, 'Folder for temporary files [default: the system''s]')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Write the explanation as JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;verify' {
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Work on this many threads [default: one for each core]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Write the result as JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every finding, not just the first of each kind')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'gc2pc;help' {
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Tell what is in files: kinds, tables, rooms, people, first and last message, damage')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Convert archives into one package: the main job')
            [CompletionResult]::new('tables', 'tables', [CompletionResultType]::ParameterValue, 'Tell the tables of SQL Server dumps, with the engine''s count of rows and ours')
            [CompletionResult]::new('rows', 'rows', [CompletionResultType]::ParameterValue, 'Write the rows of a table as CSV')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what differs between two packages, or between sources and the package made of them')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell where a message came from, what was dropped in its favour and why, or what became of a record')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove a package: checksums, documents, references, and that every record is accounted for')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'gc2pc;help;inspect' {
            break
        }
        'gc2pc;help;convert' {
            break
        }
        'gc2pc;help;tables' {
            break
        }
        'gc2pc;help;rows' {
            break
        }
        'gc2pc;help;diff' {
            break
        }
        'gc2pc;help;explain' {
            break
        }
        'gc2pc;help;verify' {
            break
        }
        'gc2pc;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
