# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_gc2pc_global_optspecs
    string join \n q/quiet v/verbose threads= h/help V/version
end

function __fish_gc2pc_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_gc2pc_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_gc2pc_using_subcommand
    set -l cmd (__fish_gc2pc_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c gc2pc -n "__fish_gc2pc_needs_command" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_needs_command" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -s V -l version -d 'Print version'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "inspect" -d 'Tell what is in files: kinds, tables, rooms, people, first and last message, damage'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "convert" -d 'Convert archives into one package: the main job'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "tables" -d 'Tell the tables of SQL Server dumps, with the engine\'s count of rows and ours'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "rows" -d 'Write the rows of a table as CSV'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "diff" -d 'Tell what differs between two packages, or between sources and the package made of them'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "explain" -d 'Tell where a message came from, what was dropped in its favour and why, or what became of a record'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "verify" -d 'Prove a package: checksums, documents, references, and that every record is accounted for'
complete -c gc2pc -n "__fish_gc2pc_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l role -d 'The role that a number of tblPrincipalRole stands for, where tblRoleType is missing' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l set -d 'Which backup of a file that holds several [default: the last full one]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l temp -d 'Folder for temporary files [default: beside the output, else the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l json -d 'Write the facts as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -l salvage -d 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -s o -l output -d 'The package: one ZIP if the name ends in .zip, else a folder' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l scope -d 'Keep only these categories and what is below them (old path or new name); give inputs before it' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l level -d 'Which documents to write' -r -f -a "All\t'Everything'
User\t'Principals alone'
Category\t'Principals and categories'
RoomDirectory\t'Principals, add-ins and rooms, without their messages'
Content\t'Principals, messages and events'"
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l since -d 'Leave out what happened before this time (UTC)' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l until -d 'Leave out what happened at this time or later (UTC)' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l people-map -d 'New addresses of people: a CSV of old and new SIP address, GUID or @domain' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l separator -d 'What joins the names of a flattened path' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l prefix-rooms -d 'Which rooms below a subcategory take its path into their name' -r -f -a "always\t'All of them, as the vendor\'s export does'
on-collision\t'Those alone whose own name another room or a category has too'"
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l target -d 'What the target has already: names, or CSV of Get-CsPersistentChatRoom and -Category; tells what an import overwrites' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l files -d 'The old file store: tell which files messages refer to, which are missing, and plan their copying' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l role -d 'The role that a number of tblPrincipalRole stands for, where tblRoleType is missing' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l compression -d 'How hard to compress a ZIP' -r -f -a "fast\t'The least time'
default\t'About what zip does'
max\t'The least bytes'"
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l memory -d 'How much memory to take, about; the rest waits in a temporary file' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l max-rejected -d 'Stop, and write nothing, when more records than this are rejected' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l info -d 'A line for bag-info.txt, such as who made the package and for whom' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l set -d 'Which backup of a file that holds several [default: the last full one]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l temp -d 'Folder for temporary files [default: beside the output, else the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l dry-run -d 'Write nothing; tell the names, findings, counts and sizes that the run would have'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l json -d 'With --dry-run, write the plan as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l without-disabled-rooms -d 'Leave out disabled rooms with their messages'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l include-files -d 'Carry the files of the old file store in the package'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l staging -d 'Add bcp files and a script that load a staging mgc database, from which the vendor\'s cmdlet exports'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l overwrite -d 'Replace the package if it exists'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -l salvage -d 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -l set -d 'Which backup of a file that holds several [default: the last full one]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -l temp -d 'Folder for temporary files [default: beside the output, else the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -l json -d 'Write the tables as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -l salvage -d 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand tables" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -l set -d 'Which backup of a file that holds several [default: the last full one]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -l temp -d 'Folder for temporary files [default: beside the output, else the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -l salvage -d 'Read what is left of damaged databases: pages are found by their own headers, rows may be old or deleted'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand rows" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -l people-map -d 'The people map with which the package was made' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -l memory -d 'How much memory to take, about; the rest waits in a temporary file' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -l temp -d 'Folder for temporary files [default: the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -l json -d 'Write the differences as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand diff" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -l inputs -d 'The inputs of the package, or a folder with them: shows the record as it stands there' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -l temp -d 'Folder for temporary files [default: the system\'s]' -r -F
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -l json -d 'Write the explanation as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand explain" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand verify" -l threads -d 'Work on this many threads [default: one for each core]' -r
complete -c gc2pc -n "__fish_gc2pc_using_subcommand verify" -l json -d 'Write the result as JSON'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand verify" -s q -l quiet -d 'Tell nothing but errors'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand verify" -s v -l verbose -d 'Tell every finding, not just the first of each kind'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand verify" -s h -l help -d 'Print help'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "inspect" -d 'Tell what is in files: kinds, tables, rooms, people, first and last message, damage'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "convert" -d 'Convert archives into one package: the main job'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "tables" -d 'Tell the tables of SQL Server dumps, with the engine\'s count of rows and ours'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "rows" -d 'Write the rows of a table as CSV'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "diff" -d 'Tell what differs between two packages, or between sources and the package made of them'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "explain" -d 'Tell where a message came from, what was dropped in its favour and why, or what became of a record'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "verify" -d 'Prove a package: checksums, documents, references, and that every record is accounted for'
complete -c gc2pc -n "__fish_gc2pc_using_subcommand help; and not __fish_seen_subcommand_from inspect convert tables rows diff explain verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
