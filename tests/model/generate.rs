//! Makes an archive from a seed: a tree that several databases remember differently, and a history of which
//! dumps and documents hold overlapping parts.

use super::archive::{Archive, Chat, Document, Dump, Entry, Node, Person, Role, RoleRow, ScopeRow, Units};
use super::dice::Dice;

/// 2012-01-01 in ticks.
pub const START: i64 = 634_609_728_000_000_000;

/// What was once said.
#[derive(Clone)]
struct Said {
    room: String,
    person: usize,
    ticks: i64,
    id: i64,
    alert: bool,
    rtf: Option<String>,
    text: Units,
}

fn units(text: &str) -> Units {
    text.encode_utf16().collect()
}

/// Texts: few, so that they meet again; some of them odd.
fn texts(dice: &mut Dice) -> Vec<Units> {
    const ODD: [&str; 26] = [
        "ok",
        "ok",
        "OK",
        "ok ",
        " ok",
        "",
        " ",
        "a b",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "a\rb",
        "a\n\rb",
        "a  b",
        "\"",
        "\"\"",
        "a,b;c|d",
        "NULL",
        "\\N",
        "<b>&amp;</b>",
        "]]>",
        "\u{1}\u{7f}\u{85}",
        "e\u{301}\u{e9}",
        "\u{1F600}",
        "\u{FFFE}",
        "\u{2028}\u{FEFF}x",
    ];
    let mut texts: Vec<Units> = (0..4).map(|_| units(dice.pick(&ODD))).collect();
    texts.push(match dice.below(6) {
        0 => vec![0xD83D],
        1 => vec![0xDE00, 0x20, 0xD83D],
        2 => vec![0x61, 0, 0x62],
        3 => vec![0x61; 4_200],
        4 => units("This message was replaced by the Persistent Chat administrator."),
        _ => units("see ma-filelink:ma-chan://x.example/y/z.txt"),
    });
    texts
}

fn history(dice: &mut Dice, rooms: &[String], people: usize) -> Vec<Said> {
    let texts = texts(dice);
    let mut said = Vec::new();
    for room in rooms {
        let mut ticks = START + 10_000_000 * dice.below(600) as i64 + dice.below(10_000_000) as i64;
        for id in 1..=dice.below(9) as i64 {
            ticks += dice.pick(&[
                0,
                0,
                1,
                2,
                4_999,
                9_999,
                10_000,
                33_333,
                3_000_000,
                10_000_000,
                600_000_000,
                -5,
            ]);
            said.push(Said {
                room: room.clone(),
                person: dice.below(people.min(3)),
                ticks,
                id: id + 10,
                alert: dice.in_hundred(15),
                rtf: dice.in_hundred(40).then(|| format!("{{\\rtf1 {}}}", dice.below(3))),
                text: dice.pick(&texts),
            });
        }
    }
    said
}

/// The tree as the first database had it. Node 0 is the root.
fn tree(dice: &mut Dice) -> Vec<Node> {
    const NAMES: [&str; 14] = [
        "Lobby",
        "lobby",
        "LOBBY ",
        "Desk",
        "Rates",
        "Desk_Rates",
        "\u{e9}",
        "\u{c9}",
        "a\"b",
        "x/y\\z",
        "Rates~",
        "A",
        "B",
        "C",
    ];
    let mut nodes: Vec<Node> = Vec::new();
    let categories = 1 + dice.below(5);
    let rooms = dice.below(5);
    for at in 0..=categories + rooms {
        let room = at > categories;
        let limit = if room { categories + 1 } else { at };
        // Rooms stand below categories, seldom at the root.
        let first = usize::from(room && !dice.in_hundred(15));
        let parent = if at == 0 { 0 } else { first + dice.below(limit - first.min(limit - 1)) };
        let mut name = units(dice.pick(&NAMES));
        match dice.below(30) {
            0 => name = vec![0x78; 250 + dice.below(12)],
            1 => name = vec![0x61, 0xD800, 0x62],
            2 => name = units(" "),
            3..18 => name.extend(units(&format!("{at}"))),
            _ => {}
        }
        nodes.push(Node {
            number: at as i64 + 1,
            guid: dice.guid(),
            parent: Some(parent.min(categories) as i64 + 1),
            room,
            name: if at == 0 { units("Root") } else { name },
            description: units(dice.pick(&["", "what it is for", "\"q\" & <x>"])),
            topic: units(if room { dice.pick(&["", "today"]) } else { "" }),
            forces: false,
            overrides: false,
            invite: None,
            logged: None,
            upload: None,
            disabled: room && dice.in_hundred(15),
            auditorium: room && dice.in_hundred(25),
            visibility: None,
            scope_definer: 0,
            role_definer: 0,
            updated: 0,
        });
        if at > 0 {
            roll_settings(dice, nodes.last_mut().unwrap());
        } else if dice.in_hundred(50) {
            let root = &mut nodes[0];
            (root.invite, root.logged, root.upload, root.visibility) =
                (Some(true), Some(true), Some(false), Some(3));
        }
    }
    nodes
}

fn roll_settings(dice: &mut Dice, node: &mut Node) {
    let flag = |dice: &mut Dice| dice.pick(&[None, None, Some(true), Some(false)]);
    (node.invite, node.logged, node.upload) = (flag(dice), flag(dice), flag(dice));
    node.visibility = dice.pick(&[None, None, Some(2), Some(3)]);
    node.forces = !node.room && dice.in_hundred(15);
    node.overrides = dice.in_hundred(20);
}

pub fn archive(seed: u64) -> Archive {
    let mut dice = Dice(seed);
    let dice = &mut dice;
    let tree = tree(dice);
    let mut people: Vec<Person> = (0..3 + dice.below(4))
        .map(|at| Person {
            number: at as i64 + 1,
            guid: dice.guid(),
            uri: format!("sip:{}{at}@litware.example", dice.pick(&["ann", "Bob", "\u{fc}te"])),
            kind: 5,
        })
        .collect();
    if dice.in_hundred(10) {
        people[1].uri = people[0].uri.to_uppercase().replace("SIP:", "sip:");
    }
    if dice.in_hundred(30) {
        let group = people.last_mut().unwrap();
        (group.kind, group.uri) = (9, format!("ma-grp://litware.example/{}", group.guid));
    }
    let users = people.iter().filter(|person| person.kind == 5).count();
    let rooms: Vec<String> = tree.iter().filter(|node| node.room).map(|node| node.guid.clone()).collect();
    let mut spoken = rooms.clone();
    if rooms.is_empty() || dice.in_hundred(10) {
        spoken.push(dice.guid());
    }
    let said = history(dice, &spoken, users);
    let mut made = Archive::default();
    let dumps = dice.below(5).min(3 + dice.below(2));
    for at in 0..dumps {
        let dump = match made.dumps.last() {
            Some(last) if dice.in_hundred(15) => Dump { name: format!("d{at}"), ..last.clone() },
            _ => dump(dice, at, &tree, &people, &said),
        };
        made.dumps.push(dump);
    }
    let documents = dice.below(4).max(usize::from(dumps == 0));
    for at in 0..documents {
        let name = format!("x{at}.xml");
        let document = match made.documents.last() {
            Some(last) if dice.in_hundred(20) => Document { name, ..last.clone() },
            _ => document(dice, name, &people, &said),
        };
        made.documents.push(document);
    }
    made
}

/// A part of the history: all, a stretch, or here and there.
fn part(dice: &mut Dice, said: &[Said]) -> Vec<Said> {
    match dice.below(4) {
        0 => said.to_vec(),
        1 => said.iter().filter(|_| dice.in_hundred(60)).cloned().collect(),
        _ => {
            let from = dice.below(said.len() + 1);
            let until = from + dice.below(said.len() - from + 1);
            said[from..until].to_vec()
        }
    }
}

/// Numbers a part anew: not at all, shifted by a little or by much, or without gaps.
fn renumber(dice: &mut Dice, part: &mut [Said]) {
    let shift = dice.pick(&[0, 0, 0, 0, 1, 2, 1_000]);
    let compact = dice.in_hundred(15);
    let mut room = String::new();
    let mut next = 0;
    for said in part {
        if said.room != room {
            (room, next) = (said.room.clone(), 0);
        }
        next += 1;
        said.id = if compact { next } else { said.id + shift };
    }
}

fn dump(dice: &mut Dice, at: usize, tree: &[Node], people: &[Person], said: &[Said]) -> Dump {
    let new = dice.in_hundred(35);
    let offset = dice.pick(&[0, 0, 100]) * (at as i64 + 1);
    let mut nodes: Vec<Node> = if new { flat(dice, tree) } else { tree.to_vec() };
    if at > 0 || dice.in_hundred(20) {
        nodes.retain(|node| node.number == 1 || !dice.in_hundred(12));
        for node in nodes.iter_mut().skip(1).filter(|_| !new) {
            if dice.in_hundred(25) {
                roll_settings(dice, node);
            }
        }
    }
    let people: Vec<Person> =
        people.iter().map(|person| Person { number: person.number + offset, ..person.clone() }).collect();
    for node in &mut nodes {
        node.number += if node.number == 1 { 0 } else { offset };
        node.parent = node.parent.map(|parent| if parent == 1 { 1 } else { parent + offset });
        node.updated = START + 1_000 * at as i64 + dice.below(900) as i64;
    }
    if !new && nodes.len() > 3 && dice.in_hundred(6) {
        // A parent that is nowhere, a room, or below: a loop.
        let child = 1 + dice.below(nodes.len() - 1);
        let parent = nodes[1 + dice.below(nodes.len() - 1)].number;
        // Its own parent would be another root.
        let lost = dice.in_hundred(30) || parent == nodes[child].number;
        nodes[child].parent = Some(if lost { 9_999 } else { parent });
    }
    let mut dump = Dump {
        name: format!("d{at}"),
        new,
        nodes,
        people,
        roles: Vec::new(),
        scopes: Vec::new(),
        chats: Vec::new(),
    };
    roles(dice, &mut dump);
    definers(dice, &mut dump);
    let mut part = part(dice, said);
    renumber(dice, &mut part);
    for said in part {
        let Some(channel) = dump.nodes.iter().find(|node| node.guid == said.room).map(|node| node.number)
        else {
            continue;
        };
        let replaced = dice.in_hundred(4);
        dump.chats.push(Chat {
            channel,
            id: said.id,
            ticks: said.ticks,
            broken: dice.in_hundred(2),
            author: dump.people[said.person].number,
            alert: said.alert != dice.in_hundred(2),
            text: if replaced {
                units("This message was replaced by the Persistent Chat administrator.")
            } else {
                said.text
            },
            rtf: said.rtf.filter(|_| new && !replaced),
        });
    }
    if dice.in_hundred(20) {
        dump.chats.reverse();
    }
    dump
}

/// The tree as Persistent Chat has it: categories at the top, rooms in them, every setting said.
fn flat(dice: &mut Dice, tree: &[Node]) -> Vec<Node> {
    let mut nodes = tree.to_vec();
    for at in 1..tree.len() {
        let node = &mut nodes[at];
        node.forces = false;
        node.overrides = false;
        node.topic.clear();
        if node.room {
            (node.logged, node.upload) = (None, None);
            node.invite = dice.in_hundred(30).then_some(false);
            node.visibility = Some(dice.pick(&[2, 3, 6]));
        } else {
            let parent = &tree[tree[at].parent.unwrap() as usize - 1];
            if parent.number != 1 {
                node.name = [&parent.name[..], &[0x5F], &node.name].concat();
                node.name.truncate(256);
            }
            node.parent = Some(1);
            let flag = |dice: &mut Dice| Some(dice.in_hundred(50));
            (node.invite, node.logged, node.upload) = (flag(dice), flag(dice), flag(dice));
            node.visibility = Some(3);
        }
    }
    let root = &mut nodes[0];
    (root.invite, root.logged, root.upload, root.visibility) = (Some(true), Some(true), Some(true), Some(3));
    // Rooms do not stand at its root.
    let home = nodes.iter().skip(1).find(|node| !node.room).map(|node| node.number);
    for node in nodes.iter_mut().filter(|node| node.room && node.parent == Some(1)) {
        node.parent = home;
    }
    nodes
}

fn roles(dice: &mut Dice, dump: &mut Dump) {
    for _ in 0..dice.below(14) {
        let node = dice.pick(&dump.nodes);
        let person = dice.pick(&dump.people).number;
        let role = match (dump.new, node.room) {
            (true, false) if !dice.in_hundred(10) => Role::Creator,
            _ => dice.pick(&[Role::Member, Role::Member, Role::Manager, Role::Voiced]),
        };
        let row = RoleRow { node: node.number, person, role };
        if !dump.roles.iter().any(|other| (other.node, other.person, other.role) == (row.node, person, role))
        {
            dump.roles.push(row);
        }
    }
    for _ in 0..dice.below(7) {
        let node = dice.pick(&dump.nodes);
        let person = dice.pick(&dump.people).number;
        let taken = dump.scopes.iter().any(|other| (other.node, other.person) == (node.number, person));
        let fits = !dump.new || !node.room && node.number != 1;
        if !taken && fits && (!node.room || dice.in_hundred(40)) {
            dump.scopes.push(ScopeRow { node: node.number, person, denied: dump.new && dice.in_hundred(30) });
        }
    }
}

/// What the server stored of where lists and scopes begin; seldom something else.
fn definers(dice: &mut Dice, dump: &mut Dump) {
    for at in 0..dump.nodes.len() {
        let path = path(dump, at);
        let overriding = path.iter().find(|&&at| dump.nodes[at].overrides).or(path.last());
        let scoped = path
            .iter()
            .find(|&&at| dump.scopes.iter().any(|row| row.node == dump.nodes[at].number))
            .or(path.last());
        let numbers = [*overriding.unwrap(), *scoped.unwrap()].map(|at| dump.nodes[at].number);
        let odd = dice.pick(&dump.nodes.iter().map(|node| node.number).chain([9_998]).collect::<Vec<_>>());
        dump.nodes[at].role_definer = if dice.in_hundred(8) { odd } else { numbers[0] };
        dump.nodes[at].scope_definer = if dice.in_hundred(8) { odd } else { numbers[1] };
    }
}

/// The places from a node up to the root, without going round.
fn path(dump: &Dump, at: usize) -> Vec<usize> {
    let mut path = vec![at];
    while let Some(parent) = dump.nodes[path[path.len() - 1]].parent
        && let Some(above) = dump.nodes.iter().position(|node| node.number == parent && !node.room)
        && !path.contains(&above)
    {
        path.push(above);
    }
    if !path.contains(&0) {
        path.push(0);
    }
    path
}

fn document(dice: &mut Dice, name: String, people: &[Person], said: &[Said]) -> Document {
    let dump = dice.in_hundred(20);
    let span = dice.pick(if dump { &[10_000, 10_000, 10_000_000] } else { &[1, 1, 10_000] });
    let ids = !dump && !dice.in_hundred(30);
    let mut part = part(dice, said);
    renumber(dice, &mut part);
    let mut entries = Vec::new();
    for said in part {
        let text = &said.text;
        let plain = !text.is_empty()
            && text.iter().all(|&unit| matches!(unit, 32..0xD800 | 0xE000..0xFFFE | 9 | 10 | 13));
        let at_ends = [text.first(), text.last()].into_iter().flatten().any(|&unit| unit <= 32);
        if dump && (!plain || at_ends) {
            continue;
        }
        let author = people[said.person].uri.trim_start_matches("sip:").to_owned();
        let id = if ids && !dice.in_hundred(5) { said.id } else { 0 };
        let entry = Entry {
            room: said.room,
            event: None,
            id,
            ticks: said.ticks - said.ticks % span,
            author,
            text: said.text,
        };
        if !dump && dice.in_hundred(15) {
            entries.push(Entry {
                event: Some("JOIN"),
                id: 0,
                text: Units::new(),
                ticks: entry.ticks,
                ..entry.clone()
            });
        }
        entries.push(entry);
    }
    if dice.in_hundred(15) {
        entries.reverse();
    }
    let domain = dice.pick(&["litware.example", "litware.example", "fabrikam.example"]).to_owned();
    Document { name, dump, domain, keeps_space: dice.in_hundred(60), span, entries }
}
