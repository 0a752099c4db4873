//! `gc2pc diff` tells exactly what differs: nothing between a source and its own package, and of a
//! package that was edited the edit and nothing else.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Ran, Workshop, sample, tree};

/// Compares, and takes what was told as JSON apart.
fn diff(workshop: &Workshop, arguments: &[&Path]) -> (Ran, Value) {
    let mut all: Vec<PathBuf> = vec!["diff".into(), "--json".into()];
    all.extend(arguments.iter().map(|path| path.to_path_buf()));
    let ran = workshop.run(all);
    let told = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
    (ran, told)
}

fn assert_equal(workshop: &Workshop, arguments: &[&Path]) {
    let (ran, told) = diff(workshop, arguments);
    assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.out, ran.err);
    assert_eq!((&told["equal"], &told["differences"]), (&Value::Bool(true), &Value::Array(Vec::new())));
}

/// The differences between A and B, each in few words.
fn told(workshop: &Workshop, a: &Path, b: &Path) -> Vec<String> {
    let (ran, told) = diff(workshop, &[a, b]);
    let differences = told["differences"].as_array().unwrap_or_else(|| panic!("{}{}", ran.out, ran.err));
    assert_eq!(ran.status, i32::from(!differences.is_empty()), "{}", ran.err);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |row: &Value| {
        let words = [&row["kind"], &row["side"], &row["name"], &row["field"], &row["a"], &row["b"]];
        words.map(text).join("|")
    };
    differences.iter().map(one).collect()
}

/// Converts into a package folder; records may be rejected.
fn package(workshop: &Workshop, inputs: &[PathBuf], name: &str, more: &[&str]) -> PathBuf {
    let (ran, output) = workshop.convert(inputs, name, more);
    assert!(ran.status < 2, "{name}: {}", ran.err);
    output
}

/// Makes a copy of a package folder in which one document was edited.
fn edited(package: &Path, name: &str, document: &str, change: impl FnOnce(&str) -> String) -> PathBuf {
    let copy = package.with_file_name(name);
    for file in tree(package).keys() {
        let to = copy.join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(package.join(file), to).unwrap();
    }
    let path = copy.join(document);
    let old = fs::read_to_string(&path).unwrap();
    let new = change(&old);
    assert_ne!(old, new, "the edit changes something");
    fs::write(path, new).unwrap();
    copy
}

/// The document of messages, or events, with most lines.
fn longest(package: &Path, folder: &str) -> String {
    let lines = |name: &String| fs::read_to_string(package.join(folder).join(name)).unwrap().lines().count();
    let names = tree(&package.join(folder)).into_keys();
    format!("{folder}/{}", names.max_by_key(lines).unwrap())
}

fn attribute<'t>(line: &'t str, name: &str) -> &'t str {
    let start = line.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    line[start..].split('"').next().unwrap()
}

fn sound() -> Vec<PathBuf> {
    ["mgc-2010", "mgc-2013", "compliance", "mgccomp"].map(sample).to_vec()
}

#[test]
fn every_sample_equals_its_own_package() {
    let workshop = Workshop::new();
    let expected = fs::read(sample("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let sets = ["sets", "damaged"].map(|kind| expected[kind].as_object().unwrap());
    for (name, set) in sets.into_iter().flatten() {
        let inputs = set["inputs"].as_array().unwrap().iter();
        let inputs: Vec<PathBuf> = inputs.map(|input| sample(input.as_str().unwrap())).collect();
        let (ran, output) = workshop.convert(&inputs, &format!("{name}.zip"), &[]);
        if ran.status > 1 {
            continue;
        }
        let mut arguments: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        arguments.push(&output);
        assert_equal(&workshop, &arguments);
        if let [input] = &inputs[..] {
            assert_equal(&workshop, &[&output, input]);
        }
    }
    let backup = package(&workshop, &[sample("mgc-2010.bak")], "backup", &[]);
    assert_equal(&workshop, &[&sample("mgc-2010.bak"), &backup]);
}

#[test]
fn a_source_is_read_by_the_options_of_the_package() {
    let workshop = Workshop::new();
    let map = workshop.file("map.csv", "old,new\n@litware.example,@new.example\n");
    let map = map.to_str().unwrap();
    for (at, options) in [
        &["--since", "2010-06-01", "--until", "2012-12-01T12:00:00Z"][..],
        &["--separator", " / "],
        &["--scope", "Markets"],
        &["--without-disabled-rooms"],
        &["--level", "User"],
        &["--level", "Category"],
        &["--level", "RoomDirectory"],
        &["--level", "Content"],
        &["--people-map", map],
        &["--role", "5=Creator"],
    ]
    .into_iter()
    .enumerate()
    {
        let output = package(&workshop, &sound(), &format!("package-{at}"), options);
        let mut arguments: Vec<PathBuf> = vec!["diff".into()];
        arguments.extend(sound());
        arguments.push(output.clone());
        if options[0] == "--people-map" {
            let refused = workshop.run(&arguments);
            assert_eq!(refused.status, 2, "{}", refused.err);
            assert!(refused.err.contains("--people-map"), "{}", refused.err);
            arguments.extend(options.iter().map(PathBuf::from));
        }
        let ran = workshop.run(&arguments);
        assert_eq!(ran.status, 0, "{options:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("equal"), "{}", ran.out);
    }
}

#[test]
fn an_edited_package_differs_in_the_edit_alone() {
    let workshop = Workshop::new();
    let a = package(&workshop, &sound(), "a", &[]);
    let rooms = "data/import/RoomDirectory.xml";
    let directory = fs::read_to_string(a.join(rooms)).unwrap();
    let room = directory.lines().find(|line| line.starts_with("<Room ")).unwrap();
    let name = attribute(room, "Name");

    let renamed = edited(&a, "renamed", rooms, |text| {
        text.replacen(&format!(" Name=\"{name}\""), " Name=\"Another name\"", 1)
    });
    assert_eq!(told(&workshop, &a, &renamed), [format!("room-setting|both|{name}|Name|{name}|Another name")]);

    let privacy = attribute(room, "Privacy");
    let other = if privacy == "Open" { "Closed" } else { "Open" };
    let flipped = edited(&a, "flipped", rooms, |text| {
        text.replacen(room, &room.replace(&format!("\"{privacy}\""), &format!("\"{other}\"")), 1)
    });
    assert_eq!(
        told(&workshop, &a, &flipped),
        [format!("room-setting|both|{name}|Privacy|{privacy}|{other}")]
    );

    let member = directory.lines().position(|line| line.starts_with("<Member ")).unwrap();
    let owner = directory.lines().take(member).filter(|line| line.starts_with("<Room ")).last().unwrap();
    let fewer = edited(&a, "fewer", rooms, |text| without_line(text, member));
    let kind = list_above(&directory, member);
    assert_eq!(told(&workshop, &a, &fewer), [format!("{kind}|a|{}|-|-|-", attribute(owner, "Name"))]);
    assert_eq!(told(&workshop, &fewer, &a), [format!("{kind}|b|{}|-|-|-", attribute(owner, "Name"))]);
    let (_, json) = diff(&workshop, &[&a, &fewer]);
    assert!(json["differences"][0]["person"]["guid"].is_string());

    let categories = "data/import/Category.xml";
    let upload = edited(&a, "upload", categories, |text| {
        let (from, to) = ("FileUpload=\"false\"", "FileUpload=\"true\"");
        if text.contains(from) { text.replacen(from, to, 1) } else { text.replacen(to, from, 1) }
    });
    let differences = told(&workshop, &a, &upload);
    assert!(
        matches!(&differences[..], [one] if one.starts_with("category-setting|both|") && one.contains("FileUpload")),
        "{differences:?}"
    );

    let nobody = edited(&a, "nobody", "data/import/User.xml", |text| {
        text.replacen("Disabled=\"0\"", "Disabled=\"1\"", 1)
    });
    let differences = told(&workshop, &a, &nobody);
    assert!(matches!(&differences[..], [one] if one.ends_with("|Disabled|0|1")), "{differences:?}");
}

fn without_line(text: &str, at: usize) -> String {
    text.lines().enumerate().filter(|(line, _)| *line != at).map(|(_, line)| format!("{line}\n")).collect()
}

fn list_above(text: &str, at: usize) -> &'static str {
    let lists = [("<Members>", "member"), ("<Managers>", "manager"), ("<Presenters>", "presenter")];
    let above: Vec<&str> = text.lines().take(at).collect();
    let kind = |line: &&str| lists.iter().find(|(list, _)| list == line).map(|(_, kind)| *kind);
    above.iter().rev().find_map(kind).unwrap()
}

#[test]
fn a_message_or_an_event_that_was_taken_out_or_changed_is_told_alone() {
    let workshop = Workshop::new();
    let a = package(&workshop, &sound(), "a", &[]);
    let content = longest(&a, "data/import/Content");
    let text = fs::read_to_string(a.join(&content)).unwrap();
    let line = text.lines().nth(5).unwrap();
    let id = attribute(line, "Id");

    let dropped = edited(&a, "dropped", &content, |text| without_line(text, 5));
    let (_, json) = diff(&workshop, &[&a, &dropped]);
    assert_eq!(json["counts"], serde_json::json!({"message": 1}));
    let difference = &json["differences"][0];
    assert_eq!((&difference["side"], &difference["id"]), (&Value::from("a"), &Value::from(id)));
    assert_eq!(difference["time"], attribute(line, "Time"));
    let room = &json["rooms"][0];
    let messages = |side: &str| room[side]["messages"].as_u64().unwrap();
    assert_eq!(messages("a"), messages("b") + 1);

    // Another text makes another identity: told as a change, with both.
    let start = line.find("<Text").unwrap();
    let changed_line =
        format!("{}<Text>Never said</Text></Message>", &line[..start]).replace(id, &"0".repeat(32));
    let changed = edited(&a, "changed", &content, |text| text.replacen(line, &changed_line, 1));
    let (_, json) = diff(&workshop, &[&a, &changed]);
    assert_eq!(json["counts"], serde_json::json!({"message": 1}), "{json}");
    let difference = &json["differences"][0];
    assert_eq!((&difference["field"], &difference["side"]), (&Value::from("Text"), &Value::from("both")));
    assert_eq!((&difference["id"], &difference["id_in_b"]), (&Value::from(id), &Value::from("0".repeat(32))));
    assert_eq!(difference["b"], "Never said");
    assert_eq!(json["rooms"], serde_json::json!([]), "both sides have as many, and the same ends");

    // The very same identity with another time, author or flag.
    let moved = edited(&a, "moved", &content, |text| {
        text.replacen(line, &line.replace(attribute(line, "Time"), "2031-01-01T00:00:00Z"), 1)
    });
    let differences = told(&workshop, &a, &moved);
    assert!(matches!(&differences[..], [one] if one.contains("|Time|")), "{differences:?}");

    let compliance = longest(&a, "data/compliance");
    let fewer = edited(&a, "fewer", &compliance, |text| without_line(text, 4));
    let (_, json) = diff(&workshop, &[&a, &fewer]);
    assert_eq!(json["counts"], serde_json::json!({"event": 1}));
    assert_eq!(json["differences"][0]["side"], "a");
    let (_, json) = diff(&workshop, &[&fewer, &a]);
    assert_eq!(json["differences"][0]["side"], "b");
}

#[test]
fn how_people_are_numbered_does_not_matter() {
    let workshop = Workshop::new();
    let a = package(&workshop, &sound(), "a", &[]);
    let renumber = |text: &str| {
        let mut text = text.to_owned();
        for name in [" Id=\"", " Person=\"", " Author=\""] {
            let pieces: Vec<String> = text
                .split(name)
                .enumerate()
                .map(|(at, piece)| {
                    let (digits, rest) = piece.split_at(piece.find('"').unwrap_or(0));
                    match digits.parse::<u64>() {
                        Ok(id) if at > 0 && digits.len() < 32 => format!("{}{rest}", 100_000 - id),
                        _ => piece.to_owned(),
                    }
                })
                .collect();
            text = pieces.join(name);
        }
        text
    };
    let b = edited(&a, "b", "data/import/User.xml", renumber);
    for name in tree(&b).into_keys().filter(|name| name.ends_with(".xml") && !name.ends_with("User.xml")) {
        let path = b.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, renumber(&text)).unwrap();
    }
    assert_equal(&workshop, &[&a, &b]);
    let mut arguments = sound();
    arguments.push(b);
    assert_equal(&workshop, &arguments.iter().map(PathBuf::as_path).collect::<Vec<_>>());
}

#[test]
fn packages_of_different_levels_are_compared_in_what_both_hold() {
    let workshop = Workshop::new();
    let all = package(&workshop, &sound(), "all", &[]);
    for level in ["User", "Category", "RoomDirectory", "Content"] {
        let part = package(&workshop, &sound(), level, &["--level", level]);
        assert_eq!(told(&workshop, &all, &part), [format!("level|both|-|-|All|{level}")]);
    }
}

#[test]
fn a_folder_and_a_zip_of_it_are_equal_and_merged_packages_are_sources() {
    let workshop = Workshop::new();
    let folder = package(&workshop, &[sample("mgc-2010")], "one", &[]);
    let zip = package(&workshop, &[sample("mgc-2010")], "one.zip", &[]);
    assert_equal(&workshop, &[&folder, &zip]);
    let other = package(&workshop, &[sample("compliance")], "other.zip", &[]);
    let merged = package(&workshop, &[zip.clone(), other.clone()], "merged.zip", &[]);
    assert_equal(&workshop, &[&zip, &other, &merged]);
    let (ran, json) = diff(&workshop, &[&zip, &merged]);
    assert_eq!((ran.status, &json["equal"]), (1, &Value::Bool(false)));
}

#[test]
fn names_from_an_archive_cannot_steer_the_terminal() {
    let workshop = Workshop::new();
    let a = package(&workshop, &[sample("mgc-2010")], "a", &[]);
    // ESC [ 2 J, a lone surrogate and a quote, as a package carries what XML cannot hold.
    let b = edited(&a, "b", "data/import/RoomDirectory.xml", |text| {
        let at = text.find("<Room ").unwrap();
        let (before, room) = text.split_at(at);
        let name = attribute(room, "Name");
        let hostile = " NameUtf16=\"GwBbADIASgAA2CIALiA=\"";
        format!("{before}{}", room.replacen(&format!(" Name=\"{name}\""), hostile, 1))
    });
    let ran = workshop.run(["diff".into(), a.clone(), b.clone()]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(!ran.out.contains('\u{1B}') && !ran.out.contains('\u{202E}'), "{:?}", ran.out);
    assert!(ran.out.contains("\\u{1b}[2J"), "{}", ran.out);
    let (_, json) = diff(&workshop, &[&a, &b]);
    assert_eq!(json["differences"][0]["b_utf16"], "GwBbADIASgAA2CIALiA=");
}

#[test]
fn a_damaged_package_is_an_error_with_its_place_and_no_difference() {
    let workshop = Workshop::new();
    let a = package(&workshop, &sound(), "a", &[]);
    let content = longest(&a, "data/import/Content");
    let compliance = longest(&a, "data/compliance");
    let cut = |text: &str| text[..text.len() / 2].to_owned();
    let documents = [
        (content.as_str(), "line"),
        (&compliance, "line"),
        ("data/import/RoomDirectory.xml", "line"),
        ("data/import/User.xml", "line"),
    ];
    for (at, (document, word)) in documents.into_iter().enumerate() {
        let b = edited(&a, &format!("cut-{at}"), document, cut);
        for sides in [[&a, &b], [&b, &a]] {
            let ran = workshop.run(["diff".into(), sides[0].clone(), sides[1].clone()]);
            assert_eq!(ran.status, 3, "{document}: {}{}", ran.out, ran.err);
            assert!(ran.err.contains(document) && ran.err.contains(word), "{}", ran.err);
            assert!(ran.err.contains("verify"), "{}", ran.err);
        }
    }
    let stranger = edited(&a, "stranger", &content, |text| {
        let line = text.lines().nth(5).unwrap();
        let author = format!(" Author=\"{}\"", attribute(line, "Author"));
        text.replacen(line, &line.replace(&author, " Author=\"999999\""), 1)
    });
    let ran = workshop.run(["diff".into(), a.clone(), stranger]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("999999") && ran.err.contains("line 6"), "{}", ran.err);
    let without = a.with_file_name("without");
    fs::rename(&a, &without).unwrap();
    fs::remove_file(without.join("data/import/Category.xml")).unwrap();
    let ran = workshop.run(["diff".into(), without.clone(), without]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("Category.xml"), "{}", ran.err);
}

#[test]
fn a_damaged_zip_is_an_error_and_no_difference() {
    let workshop = Workshop::new();
    let a = package(&workshop, &[sample("compliance")], "a.zip", &[]);
    let whole = fs::read(&a).unwrap();
    let name = b"data/import/Content/";
    let at = whole.windows(name.len()).position(|window| window == name).unwrap();
    let mut flipped = whole.clone();
    flipped[at + 150] ^= 0x10;
    let cut = &whole[..whole.len() * 2 / 3];
    for (at, damaged) in [&flipped[..], cut].into_iter().enumerate() {
        let b = workshop.file(&format!("{at}/a.zip"), damaged);
        let ran = workshop.run(["diff".into(), a.clone(), b]);
        assert_eq!(ran.status, 3, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("a.zip"), "{}", ran.err);
    }
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_sentence() {
    let workshop = Workshop::new();
    let a = package(&workshop, &[sample("mgc-2010")], "a", &[]);
    let map = workshop.file("map.csv", "ann@litware.example,a@new.example\n");
    let cases: [(&[&Path], i32, &str); 5] = [
        (&[&sample("mgc-2010"), &sample("mgc-2013")], 2, "package last"),
        (&[&a], 2, "Usage"),
        (&[&a, Path::new("nowhere")], 3, "nowhere"),
        (&[&a, &a, Path::new("--people-map"), &map], 2, "--people-map"),
        (&[&sample("mgc-2010"), &a, Path::new("--people-map"), &map], 2, "--people-map"),
    ];
    for (arguments, status, word) in cases {
        let (ran, _) = diff(&workshop, arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{}", ran.err);
    }
}

#[test]
fn only_the_first_of_a_kind_are_told_unless_all_are_wanted() {
    let workshop = Workshop::new();
    let a = package(&workshop, &sound(), "a", &[]);
    let content = longest(&a, "data/import/Content");
    let b = edited(&a, "b", &content, |text| {
        let head: Vec<&str> = text.lines().take(2).collect();
        format!("{}\n</Content>\n", head.join("\n"))
    });
    let few = workshop.run(["diff".into(), a.clone(), b.clone()]);
    let told = |ran: &Ran| ran.out.lines().filter(|line| line.contains("only in A")).count();
    assert!(told(&few) == 20 && few.out.contains("more (--verbose tells all)"), "{}", few.out);
    let all = workshop.run(["diff".into(), "--verbose".into(), a, b]);
    assert!(told(&all) > 20, "{}", all.out);
}
