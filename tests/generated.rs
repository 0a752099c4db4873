//! The manual pages and shell completions in docs/ are those of the command line's one definition.
//!
//! After a change of the command line, `GC2PC_WRITE=1 cargo test --test generated` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;

/// Renders everything, by file name.
fn rendered() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        let mut command = gc2pc::cli::Arguments::command();
        let mut bytes = Vec::new();
        clap_complete::generate(shell, &mut command, "gc2pc", &mut bytes);
        let name = match shell {
            Shell::Bash => "gc2pc.bash",
            Shell::Zsh => "_gc2pc",
            Shell::Fish => "gc2pc.fish",
            _ => "gc2pc.ps1",
        };
        files.insert(format!("completions/{name}"), bytes);
    }
    let mut command = gc2pc::cli::Arguments::command();
    command.build();
    let mut page = |command: clap::Command, name: String| {
        let mut bytes = Vec::new();
        // No date: the pages are the same whenever they are made.
        clap_mangen::Man::new(command).title(&name).date("").render(&mut bytes).unwrap();
        files.insert(format!("man/{name}.1"), bytes);
    };
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let name = format!("gc2pc-{}", verb.get_name());
        page(verb.clone().name(name.clone()), name);
    }
    page(command.clone(), "gc2pc".to_owned());
    files
}

fn committed(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = ["completions", "man"].into_iter().flat_map(|sub| {
        let entries = fs::read_dir(folder.join(sub)).unwrap();
        entries.map(move |entry| {
            let path = entry.unwrap().path();
            (format!("{sub}/{}", path.file_name().unwrap().to_str().unwrap()), path)
        })
    });
    entries.collect()
}

#[test]
fn what_is_committed_is_what_the_definition_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let rendered = rendered();
    if std::env::var_os("GC2PC_WRITE").is_some() {
        for (name, bytes) in &rendered {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let committed = committed(&folder);
    assert_eq!(committed.keys().collect::<Vec<_>>(), rendered.keys().collect::<Vec<_>>());
    for (name, bytes) in &rendered {
        let same = fs::read(&committed[name]).unwrap() == *bytes;
        assert!(same, "docs/{name} is old: GC2PC_WRITE=1 cargo test --test generated writes it anew");
    }
}

#[test]
fn every_command_and_option_stands_in_manual_and_completions() {
    let rendered = rendered();
    let text = |name: &str| String::from_utf8(rendered[name].clone()).unwrap().replace('\\', "");
    let mut command = gc2pc::cli::Arguments::command();
    command.build();
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let page = text(&format!("man/gc2pc-{}.1", verb.get_name()));
        for option in verb.get_opts().filter_map(|option| option.get_long()) {
            assert!(page.contains(&format!("--{option}")), "{} {option}", verb.get_name());
            assert!(text("completions/gc2pc.bash").contains(&format!("--{option}")), "{option}");
        }
        assert!(text("man/gc2pc.1").contains(&format!("gc2pc-{}", verb.get_name())));
    }
}
