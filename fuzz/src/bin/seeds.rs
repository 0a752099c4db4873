//! Writes seeds for all targets to `fuzz/corpus`.

use std::fs;
use std::io;
use std::path::Path;

use gc2pc_fuzz::fuzz_bodies::seeds::all;
use gc2pc_fuzz::{backup, database, pages_of};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for older in [0, 1_u8] {
        let bytes = database(older == 1).bytes(1);
        put("page", &format!("whole-{older}"), &[older])?;
        put("large_value", &format!("whole-{older}"), &[older])?;
        // A pointer of the boot page, of an allocation map, of a row to its large value: each as it is.
        for (at, page) in [(9_u16, 612_u16), (10, 140), (11, 96)].into_iter().enumerate() {
            let place = usize::from(page.0) * 8192 + usize::from(page.1);
            let patch = [
                &[older][..],
                &page.0.to_le_bytes(),
                &page.1.to_le_bytes(),
                &[16],
                &bytes[place..place + 16],
            ];
            put("page", &format!("pointer-{older}-{at}"), &patch.concat())?;
        }
        for (at, page) in pages_of(bytes, &[1]).into_iter().take(4).enumerate() {
            let page = &bytes[page * 8192..][..8192];
            let slots = &page[22..24];
            let count = usize::from(u16::from_le_bytes([slots[0], slots[1]])).min(63);
            let seed = [&[older, 0, at as u8, 0], slots, &page[8192 - 2 * count..], &page[96..96 + 2000]];
            put("record", &format!("rows-{older}-{at}"), &seed.concat())?;
        }
        for (at, page) in pages_of(bytes, &[3, 4]).into_iter().take(4).enumerate() {
            let page = &bytes[page * 8192..][..8192];
            let seed = [
                &[older][..],
                &(at as u16).to_le_bytes(),
                &96_u16.to_le_bytes(),
                &[255],
                &page[96..96 + 255],
            ];
            put("large_value", &format!("fragments-{older}-{at}"), &seed.concat())?;
        }
    }
    let plain = backup(false);
    put("tape", "plain", &plain)?;
    put("tape", "cut", &plain[..plain.len() / 2])?;
    put("tape", "head", &plain[..64 << 10])?;
    let compressed = backup(true);
    put("tape", "compressed", &compressed)?;
    let length = usize::from(u16::from_le_bytes([compressed[482], compressed[483]]));
    put("xpress", "block", &compressed[508..504 + length])?;
    put("xpress", "tail", &compressed[508 + 256..504 + length])?;

    let rows: [&[u8]; 5] = [
        b"\x01\0\0\0\x04\0a\0b\0\x02\0\0\0\xFF\xFF",
        b"\x08\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0a\0\x01",
        b"\x13\x12\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\x01\0\0\0\x08\0\0\0\0\0\0\0\0\xFF",
        b"\x05\0abcde\x02\0\0\0xy\x08\0\0\0\0\0\x01\0\0",
        b"\x06\0\0\0\x38\x01\x01\0\0\0\x08\0\0\0\0\0\0\0\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    ];
    for (layout, row) in rows.into_iter().enumerate() {
        put("bcp", &format!("row-{layout}"), &[&[layout as u8], row].concat())?;
    }
    let script = "/* a */ CREATE TABLE [dbo].[t] ([a] [int] NOT NULL, [b] nvarchar(max), [c] datetime)\r\nGO\r\n\
                  INSERT [dbo].[t] ([a], [b], [c]) VALUES (1, N'x''y' + CHAR(13), CAST(0x0000A00000000000 AS DateTime))\r\n\
                  INSERT t VALUES (2, NULL, CAST(N'2012-01-01T00:00:00.000' AS DateTime)),(3, 'z', NULL)\r\nGO 2\r\n-- end";
    put("script", "utf-8", script.as_bytes())?;
    let wide: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(script.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    put("script", "utf-16", &wide)?;
    for (number, (target, bytes)) in all().into_iter().enumerate() {
        put(target, &format!("seed-{number}"), &bytes)?;
    }
    Ok(())
}
