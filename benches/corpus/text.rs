//! What people write: texts of words with the skew of a language, and their RTF.

use std::fmt::Write as _;

use super::chance::Chance;

/// The words that are taken most often, the most frequent first.
const FREQUENT: &str = "the to is and in of at on for it we you a that be have are this will with I \
    not by from but as do they can if or there up was all please out so would one about get which go \
    me when your time just know see could them than then now only back after use two how our first \
    well way even want because any these give most us desk rates price bid offer long short ten years \
    swap swaps basis points fixing spread trade trades book curve client clients market today \
    tomorrow morning lunch London Paris Frankfurt New York Tokyo gilts bunds treasuries heavy light \
    again sheet call quote quotes looking done filled working order orders level levels before close \
    open high low big small buyer seller buy sell size million yards risk limit check confirm thanks \
    cheers ok yes no sure sorry wait hold moving moved quiet busy data number numbers payrolls \
    inflation auction syndicate issue coupon yield yields settle settlement ticket tickets system \
    server restart login password document report updated send sent mail email meeting room minutes";
/// What is no plain word: to be quoted in CSV and SQL, escaped in XML, or outside of ASCII.
const SPECIAL: [&str; 24] = [
    "don't",
    "it's",
    "R&D",
    "<1%",
    "P&L",
    "->",
    "\"tight\"",
    "Größl",
    "Zürich",
    "€",
    "–",
    "“firm”",
    "1.78",
    "10y",
    "2s10s",
    "99-16+",
    "1,250",
    "5mm",
    "q:",
    "\r\n",
    "日本",
    "ok;",
    "¥",
    "🙂",
];
const SYLLABLES: [&str; 32] = [
    "con", "ter", "pro", "ment", "al", "er", "in", "ta", "re", "sion", "an", "de", "ble", "com", "ver", "is",
    "or", "ti", "ex", "per", "ac", "ous", "mar", "fi", "lo", "en", "ness", "qui", "ther", "su", "ing", "ed",
];
/// One of so many of the less frequent words is a phrase of frequent ones.
const PHRASE: u64 = 2;
/// How many words there are, phrases included.
const WORDS: usize = 1300;
/// A word of rank r is taken in proportion to 1 / (r + FLAT).
const FLAT: f64 = 3.0;

/// The words and how often each is taken.
pub struct Texts {
    words: Vec<String>,
    /// The word for each number of 16 bits.
    picks: Vec<u16>,
}

impl Texts {
    pub fn new() -> Texts {
        let mut chance = Chance::new(2);
        let mut words: Vec<String> = FREQUENT.split_whitespace().map(str::to_owned).collect();
        for (number, special) in SPECIAL.into_iter().enumerate() {
            words.insert(16 + number * 7, special.to_owned());
        }
        let frequent = words.len();
        while words.len() < WORDS {
            let (parts, from, between) = match chance.below(PHRASE) {
                0 => (3 + chance.below(3), frequent as u64, " "),
                _ => (2 + chance.below(2), 0, ""),
            };
            let part = |_| match from {
                0 => SYLLABLES[chance.below(SYLLABLES.len() as u64) as usize].to_owned(),
                _ => words[chance.below(from) as usize].clone(),
            };
            let parts: Vec<String> = (0..parts).map(part).collect();
            words.push(parts.join(between));
        }
        let weight = |rank: usize| 1.0 / (rank as f64 + FLAT);
        let total: f64 = (0..WORDS).map(weight).sum();
        let mut picks = Vec::with_capacity(1 << 16);
        let mut sum = 0.0;
        for rank in 0..WORDS {
            sum += weight(rank) / total;
            picks.resize((sum * 65536.0).round() as usize, rank as u16);
        }
        picks.resize(1 << 16, 0);
        Texts { words, picks }
    }

    /// Appends a text.
    pub fn write(&self, chance: &mut Chance, text: &mut String) {
        let words = match chance.below(100) {
            0..70 => 4 + chance.below(28),
            70..95 => 25 + chance.below(48),
            _ => 65 + chance.below(120),
        };
        if chance.one_in(100) {
            let page = chance.below(100_000);
            let _ = write!(text, "<a href=\"https://notes.litware.example/{page}\">note {page}</a> ");
        }
        let mut bits = 0;
        for word in 0..words {
            bits = if word % 2 == 0 { chance.next() } else { bits >> 32 };
            text.push_str(&self.words[usize::from(self.picks[usize::from(bits as u16)])]);
            text.push_str(match (bits >> 16) & 63 {
                0..2 => ", ",
                2..5 => ". ",
                5 => "? ",
                _ => " ",
            });
        }
        text.truncate(text.trim_end().len());
    }
}

/// Appends what a Lync client sends beside a text.
pub fn write_rtf(text: &str, rtf: &mut String) {
    rtf.push_str(
        "{\\rtf1\\fbidis\\ansi\\ansicpg1252\\deff0\\nouicompat\\deflang1033{\\fonttbl{\\f0\\fnil\\fcharset0 Segoe UI;}}\r\n\
         {\\colortbl ;\\red0\\green0\\blue0;}\r\n{\\*\\generator Riched20 15.0.4567}\\viewkind4\\uc1 \r\n\\pard\\ltrpar\\cf1\\f0\\fs20 ",
    );
    let mut rest = text;
    while let Some(at) =
        rest.bytes().position(|byte| !(b' '..=b'~').contains(&byte) || br"\{}".contains(&byte))
    {
        rtf.push_str(&rest[..at]);
        let character = rest[at..].chars().next().expect("one begins here");
        match character {
            '\r' => {}
            '\n' => rtf.push_str("\\par\r\n"),
            '\\' | '{' | '}' => rtf.extend(['\\', character]),
            '\u{a0}'..='\u{ff}' => {
                let _ = write!(rtf, "\\'{:02x}", u32::from(character));
            }
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(rtf, "\\u{}?", *unit as i16);
                }
            }
        }
        rest = &rest[at + character.len_utf8()..];
    }
    rtf.push_str(rest);
    rtf.push_str("\\par\r\n}\r\n");
}
