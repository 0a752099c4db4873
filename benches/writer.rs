//! How fast packages are written once messages are there, and where the time goes.
//!
//! `cargo bench --bench writer -- [MESSAGES] [FOLDER] [fast] [default] [max]` makes so many messages (1,000,000 by default)
//! like those of traders, 15 % of them with RTF, and writes packages of them into a folder (by default
//! that for temporary files) with one and with two threads (`fast` and `default` unless named). Processor seconds are those of the whole
//! process, from `/proc`; beside them stand those that SHA-256, CRC-32 and DEFLATE alone take of the
//! same bytes on one thread.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use gc2pc::chat::{
    Guid, Message, MessageId, Moment, PersonKind, Piece, RoomHistory, Source, Span, Text, Ticks,
};
use gc2pc::ledger::{Inputs, Ledger, OpenLedger};
use gc2pc::migrate::{Plan, PlannedPerson, Privacy, Room};
use gc2pc::package::{Compression, Contents, Level, Options, Writer};
use gc2pc::spill::Scratch;
use sha2::{Digest, Sha256};

const ROOMS: u64 = 40;
const PEOPLE: u64 = 300;
const PIECE: u64 = 4096;
const FIRST: i64 = 633_482_073_409_535_482;

/// A generator of numbers (Steele, Lea, Flood: "SplitMix").
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn vocabulary(chance: &mut Chance) -> Vec<String> {
    let letters = b"eeeeetttaaaooiinnsshhrrddlcumwfgypbvk";
    let letter = |chance: &mut Chance| char::from(letters[chance.below(letters.len() as u64) as usize]);
    let word = |_| (0..2 + chance.below(8)).map(|_| letter(chance)).collect();
    let mut words: Vec<String> = (0..5000).map(word).collect();
    words.extend(["grüße", "–", "\"ok\"", "P&L", "<EURUSD>", "1.2345/50", "\r\n"].map(str::to_owned));
    words
}

fn sentence(words: &[String], chance: &mut Chance) -> String {
    let mut text = String::new();
    for _ in 0..3 + chance.below(20) {
        // The lower of several numbers: few words are common, most are rare.
        let at = (0..3).map(|_| chance.below(words.len() as u64)).min().unwrap_or(0);
        text.push_str(&words[at as usize]);
        text.push(' ');
    }
    text
}

fn pieces(messages: u64) -> Vec<Piece> {
    let mut chance = Chance(7);
    let words = vocabulary(&mut chance);
    let mut made = Vec::new();
    for number in 0..messages {
        if number % PIECE == 0 {
            made.push(Piece::default());
        }
        let Some(piece) = made.last_mut() else { continue };
        let room = Guid::from_u128(u128::from(number * ROOMS / messages + 1) << 64);
        if piece.rooms.last().is_none_or(|last| last.room != room) {
            piece.rooms.push(RoomHistory { room, ..RoomHistory::default() });
        }
        let said = sentence(&words, &mut chance);
        let push = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend_from_slice(text.as_bytes());
            Span { start: bytes.len() - text.len(), length: text.len() }
        };
        let text = push(&mut piece.bytes, &said);
        let rtf = (chance.below(100) < 15).then(|| {
            let rtf = format!(
                "{{\\rtf1\\fbidis\\ansi\\ansicpg1252\\deff0\\deflang1033{{\\fonttbl{{\\f0\\fnil\\fcharset0 MS Shell \
                 Dlg 2;}}}}\r\n{{\\colortbl ;\\red0\\green0\\blue0;}}\r\n\\viewkind4\\uc1\\pard\\cf1\\f0\\fs20 {said}\\par\r\n}}\r\n"
            );
            push(&mut piece.bytes, &rtf)
        });
        let mut id = [0; 16];
        id[..8].copy_from_slice(&chance.next().to_le_bytes());
        id[8..].copy_from_slice(&chance.next().to_le_bytes());
        let ticks = Ticks::new(FIRST + (number * 50_000_000 + chance.below(50_000_000)) as i64);
        let message = Message {
            id: MessageId(id),
            chat_id: Some(number as i64 + 4711),
            moment: Moment::exact(ticks.unwrap_or(Ticks::MIN)),
            author: chance.below(PEOPLE) as usize,
            alert: Some(false),
            text,
            rtf,
            extras: None,
            conflicts: Vec::new(),
            source: Source { stream: 1, record: number + 1 },
        };
        if let Some(room) = piece.rooms.last_mut() {
            room.messages.push(message);
        }
    }
    made
}

fn plan() -> Plan {
    let person = |number| PlannedPerson {
        guid: Guid::from_u128(u128::from(number)),
        uri: Some(Text::from(format!("sip:person{number}@litware.example").as_str())),
        source_uri: None,
        name: None,
        kind: PersonKind::User,
        disabled: 0,
        email: None,
        company: None,
        directory_path: None,
        user_principal_name: None,
        new_guid: None,
        new_user_principal_name: None,
        origin: None,
    };
    let room = |number| Room {
        guid: Guid::from_u128(u128::from(number) << 64),
        name: Text::from(format!("Room {number}").as_str()),
        category: Guid::from_u128(1),
        description: Text::default(),
        topic: None,
        privacy: Privacy::Open,
        auditorium: false,
        invitations_inherited: true,
        disabled: false,
        add_in: None,
        members: Vec::new(),
        managers: Vec::new(),
        presenters: Vec::new(),
        last_chat_id: None,
        uri: None,
        origin: None,
    };
    Plan {
        left_out_rooms: Default::default(),
        people: (1..=PEOPLE).map(person).collect(),
        add_ins: Vec::new(),
        categories: Vec::new(),
        rooms: (1..=ROOMS).map(room).collect(),
        names: Vec::new(),
        findings: Default::default(),
    }
}

fn ledger(messages: u64) -> gc2pc::Result<Ledger> {
    let inputs = Inputs { read: vec![messages], ..Inputs::default() };
    let mut ledger = OpenLedger::open(inputs, &Arc::new(Scratch::new(std::env::temp_dir())), 1 << 20)?;
    (1..=messages).for_each(|record| ledger.written(Source { stream: 1, record }));
    ledger.balance().map_err(|imbalance| gc2pc::Error::Unsound { what: imbalance.to_string() })
}

/// Returns the processor seconds of the process so far.
fn processor() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    fields.skip(12).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// Runs work and returns its wall and processor seconds.
fn measured<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (wall, cpu) = (Instant::now(), processor());
    let value = work();
    (value, wall.elapsed().as_secs_f64(), processor() - cpu)
}

/// Returns the documents of a package's ZIP, and the megabytes of its entries before and after
/// compression.
fn documents(zip: &Path) -> std::io::Result<(Vec<Vec<u8>>, f64, f64)> {
    let mut archive = zip::ZipArchive::new(File::open(zip)?)?;
    let (mut all, mut plain, mut compressed) = (Vec::new(), 0, 0);
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        plain += entry.size();
        compressed += entry.compressed_size();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        all.push(bytes);
    }
    Ok((all, plain as f64 / 1e6, compressed as f64 / 1e6))
}

/// Prints what digests and DEFLATE alone take, and returns the latter's processor seconds.
fn alone(documents: &[Vec<u8>], level: i32) -> Option<f64> {
    let megabytes = documents.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    let (_, _, sha) =
        measured(|| documents.iter().map(|bytes| Sha256::digest(bytes)[0] as usize).sum::<usize>());
    let (_, _, crc) =
        measured(|| documents.iter().map(|bytes| libdeflater::crc32(bytes) as usize).sum::<usize>());
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::new(level).ok()?);
    let longest = documents.iter().map(Vec::len).max()?;
    let mut out = vec![0; compressor.deflate_compress_bound(longest)];
    let (size, _, deflate) = measured(|| {
        documents.iter().filter_map(|bytes| compressor.deflate_compress(bytes, &mut out).ok()).sum::<usize>()
    });
    println!(
        "  alone: SHA-256 {sha:.2} s, CRC-32 {crc:.2} s, DEFLATE {deflate:.2} s ({:.0} MB/s, ratio {:.2})",
        megabytes / deflate,
        megabytes * 1e6 / size as f64
    );
    Some(deflate)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let messages: u64 = arguments.first().map_or(Ok(1_000_000), |count| count.parse())?;
    let folder = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let target = folder.join(format!("gc2pc-writer-{}.zip", std::process::id()));
    let (made, plan, ledger) = (pieces(messages), plan(), ledger(messages)?);
    let write = |output: Option<&Path>, compression, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let copies = made.clone();
        let options = Options { compression, overwrite: true, ..Options::default() };
        let (sealed, wall, cpu) = measured(|| {
            pool.install(|| {
                let mut writer = Writer::begin(output, Level::All, &options, &|_| Ok(()))?;
                copies.into_iter().try_for_each(|piece| writer.take(piece))?;
                writer.finish(Contents {
                    plan: &plan,
                    findings: &plan.findings,
                    ledger: &ledger,
                    tables: Vec::new(),
                    files: None,
                    told: Vec::new(),
                })
            })
        });
        sealed?;
        Ok::<_, Box<dyn std::error::Error>>((wall, cpu))
    };
    for threads in [1, 2] {
        let (wall, cpu) = write(None, Compression::Fast, threads)?;
        println!(
            "rendered and digested, nothing written, {threads} threads: {wall:.2} s, processor {cpu:.2} s"
        );
    }
    for (name, compression, level) in
        [("fast", Compression::Fast, 1), ("default", Compression::Default, 5), ("max", Compression::Max, 10)]
    {
        let wanted = arguments.get(2..).filter(|wanted| !wanted.is_empty());
        if !wanted.map_or(name != "max", |wanted| wanted.iter().any(|wanted| wanted == name)) {
            continue;
        }
        let mut taken = Vec::new();
        for threads in [1, 2] {
            let (wall, cpu) = write(Some(&target), compression, threads)?;
            println!("{name}, {threads} threads: {wall:.2} s, processor {cpu:.2} s");
            taken.push((wall, cpu));
        }
        let (documents, plain, compressed) = documents(&target)?;
        std::fs::remove_file(&target)?;
        println!("  {plain:.0} MB became {compressed:.0} MB");
        if let (Some(deflate), [one, two]) = (alone(&documents, level), &taken[..]) {
            println!(
                "  processor over that of DEFLATE alone: {:.2}; {:.0} MB/s on one thread; two threads {:.2} times as fast",
                one.1 / deflate,
                plain / one.0,
                one.0 / two.0
            );
        }
    }
    Ok(())
}
