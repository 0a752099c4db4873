//! Honest bytes to begin with, from the samples.

use std::fs;
use std::path::{Path, PathBuf};

use super::cut::piece;
use super::{package, stored_zip, whole};

/// A seed: the target, and its bytes.
pub type Seed = (&'static str, Vec<u8>);

const NATIVE_FORMAT: &str = "10.0\r\n3\r\n1 SQLINT 0 4 \"\" 1 a \"\"\r\n2 SQLNCHAR 2 40 \"\" 2 b \"\"\r\n\
                             3 SQLBIGINT 1 8 \"\" 3 c \"\"\r\n";
const TEXT_FORMAT: &str =
    "9.0\n2\n1 SQLCHAR 0 12 \"\\t\" 1 a \"\"\n2 SQLCHAR 0 0 \"\\r\\n\" 2 b SQL_Latin1_General_CP1_CI_AS\n";
const XML_FORMAT: &str = r#"<?xml version="1.0"?>
<BCPFORMAT xmlns="http://schemas.microsoft.com/sqlserver/2004/bulkload/format" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<RECORD><FIELD ID="1" xsi:type="CharTerm" TERMINATOR="," MAX_LENGTH="12"/><FIELD ID="2" xsi:type="CharTerm" TERMINATOR="\r\n" MAX_LENGTH="0" COLLATION="Latin1_General_CI_AS"/></RECORD>
<ROW><COLUMN SOURCE="1" NAME="a" xsi:type="SQLBIGINT"/><COLUMN SOURCE="2" NAME="b" xsi:type="SQLNVARCHAR"/></ROW>
</BCPFORMAT>"#;
const XML_NATIVE: &str = r#"<BCPFORMAT xmlns="http://schemas.microsoft.com/sqlserver/2004/bulkload/format" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<RECORD><FIELD ID="1" xsi:type="NativeFixed" LENGTH="4"/><FIELD ID="2" xsi:type="NCharPrefix" PREFIX_LENGTH="2" MAX_LENGTH="40"/></RECORD>
<ROW><COLUMN SOURCE="1" NAME="a" xsi:type="SQLINT"/><COLUMN SOURCE="2" NAME="b" xsi:type="SQLNVARCHAR"/></ROW>
</BCPFORMAT>"#;
const MODEL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<DataSchemaModel FileFormatVersion="1.2" SchemaVersion="2.9" DspName="Microsoft.Data.Tools.Schema.Sql.Sql150DatabaseSchemaProvider" CollationLcid="1033" CollationCaseSensitive="False" xmlns="http://schemas.microsoft.com/sqlserver/dac/Serialization/2012/02">
<Model><Element Type="SqlTable" Name="[dbo].[tblChat]"><Relationship Name="Columns">
<Entry><Element Type="SqlSimpleColumn" Name="[dbo].[tblChat].[chatId]"><Property Name="IsNullable" Value="False" /><Relationship Name="TypeSpecifier"><Entry><Element Type="SqlTypeSpecifier"><Relationship Name="Type"><Entry><References ExternalSource="BuiltIns" Name="[int]" /></Entry></Relationship></Element></Entry></Relationship></Element></Entry>
<Entry><Element Type="SqlSimpleColumn" Name="[dbo].[tblChat].[content]"><Relationship Name="TypeSpecifier"><Entry><Element Type="SqlTypeSpecifier"><Property Name="Length" Value="40" /><Relationship Name="Type"><Entry><References ExternalSource="BuiltIns" Name="[nvarchar]" /></Entry></Relationship></Element></Entry></Relationship></Element></Entry>
</Relationship><Relationship Name="Schema"><Entry><References ExternalSource="BuiltIns" Name="[dbo]" /></Entry></Relationship></Element></Model></DataSchemaModel>"#;
const ROWS: &[u8] = b"\x01\0\0\0\x04\0a\0b\0\x02\0\0\0\xFF\xFF";

/// All seeds.
pub fn all() -> Vec<Seed> {
    let mut seeds = Vec::new();
    tables(&mut seeds);
    archives(&mut seeds);
    wholes(&mut seeds);
    seeds.extend([1_u8, 3, 0].map(|flags| ("package", vec![flags])));
    // In each document a letter changed, and everything sealed again.
    for at in 0..package::sound().len() {
        seeds.push(("package", vec![3, at as u8, 60, 0, 1, 1, b'x']));
    }
    let map: [&[u8]; 4] = [
        b"old,new\r\nsip:ann@old.example,sip:ann@new.example\r\n@old.example,@new.example\r\n",
        b"address;new address;new guid;new upn\n\"a@old.example\";b@new.example;cc761f48-302f-5b3a-b82b-a33e72a20ae4;b@x\n",
        b"{\"value\":[{\"Name\":\"Lobby\",\"Identity\":\"cc761f48-302f-5b3a-b82b-a33e72a20ae4\"}]}",
        b"#TYPE X\n\"Name\",\"Identity\"\n\"Lobby\",\"pool\\lobby\"\n",
    ];
    seeds.extend(map.map(|bytes| ("lists", bytes.to_vec())));
    seeds
}

fn samples() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    if here.ends_with("fuzz") { here.join("../samples") } else { here.join("samples") }
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(samples().join(name)).unwrap()
}

fn tables(seeds: &mut Vec<Seed>) {
    let names = ["tblChat", "tblNode", "tblPrincipal", "tblConfig"];
    for database in ["mgc-2010", "mgc-2013"] {
        seeds
            .extend(names.map(|name| ("delimited", head(&sample(&format!("{database}/{name}.csv")), 3_000))));
    }
    let plain: [&[u8]; 4] = [
        b"a|b|c\r\n1|NULL|x\r\n2||\"y\r\n\"\r\n",
        b"a;b\n-;-\n1;2\n\n(1 rows affected)\n",
        b"\xFE\xFF\0a\0,\0b\0\r\0\n\0\x31\0,\0\x32\0\r\0\n",
        b"a\tb\r\n\x931\x94\t\xE9\r\n",
    ];
    seeds.extend(plain.map(|bytes| ("delimited", bytes.to_vec())));
    let formats: [(&str, &[u8]); 4] = [
        (NATIVE_FORMAT, b"\x01\0\0\0\x04\0a\0b\0\x08\x01\0\0\0\0\0\0\0\x02\0\0\0\xFF\xFF\xFF"),
        (TEXT_FORMAT, b"1\tone\r\n2\ttwo\r\n"),
        (XML_FORMAT, b"1,one\r\n2,two\r\n"),
        (XML_NATIVE, ROWS),
    ];
    seeds.extend(
        formats.map(|(format, data)| ("format_file", [piece(format.as_bytes()), data.to_vec()].concat())),
    );
    for name in ["2013-01/batch-0101.xml", "2013-01/batch-0101-again.xml", "filedump/swaps-2012-11-05.xml"] {
        let bytes = sample(&format!("compliance/{name}"));
        seeds.push(("compliance", head(&bytes, 6_000)));
        seeds.push(("compliance", bytes));
    }
}

fn head(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes[..bytes.len().min(length)].to_vec()
}

fn archives(seeds: &mut Vec<Seed>) {
    let chat = sample("mgc-2010/tblChat.csv");
    let inner = stored_zip(&[("tblChat.csv", &chat[..200])]);
    seeds.push(("container", stored_zip(&[("a/inner.zip", &inner[..]), ("b.txt", b"x"), ("c/", b"")])));
    seeds.push(("container", inner));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &chat[..300]).unwrap();
    seeds.push(("container", gzip.finish().unwrap()));
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    packed.start_file("tblChat.csv", zip::write::SimpleFileOptions::default().large_file(true)).unwrap();
    std::io::Write::write_all(&mut packed, &chat[..300]).unwrap();
    seeds.push(("container", packed.finish().unwrap().into_inner()));

    let parts: [&[u8]; 5] = [MODEL.as_bytes(), b"<DacOrigin/>", b"<DacType/>", ROWS, ROWS];
    let pieces = parts.map(piece).concat();
    seeds.push(("bacpac", [&[1][..], &pieces].concat()));
    let names = super::BACPAC_PARTS.iter().copied();
    let whole: Vec<(&str, &[u8])> = names.zip(parts).collect();
    seeds.push(("bacpac", [&[0][..], &stored_zip(&whole)].concat()));
}

fn wholes(seeds: &mut Vec<Seed>) {
    let read = |database: &str, names: &[usize]| -> Vec<(usize, Vec<u8>)> {
        names
            .iter()
            .filter_map(|&at| {
                let file = whole::NAMES[at].split_once('/')?.1;
                fs::read(samples().join(database).join(file)).ok().map(|bytes| (at, bytes))
            })
            .collect()
    };
    let old = read("mgc-2010", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let new = read("mgc-2013", &[12, 13, 14]);
    let compliance = read("mgccomp", &[15, 16]);
    let documents: Vec<(usize, Vec<u8>)> = vec![
        (17, sample("compliance/2013-01/batch-0101.xml")),
        (18, sample("compliance/2013-01/batch-0101-again.xml")),
        (19, sample("compliance/filedump/swaps-2012-11-05.xml")),
    ];
    for (flags, parts) in [
        (0, vec![&old]),
        (8, vec![&old]),
        (8, vec![&documents]),
        (2, vec![&new, &compliance]),
        (8, vec![&old, &new, &compliance, &documents]),
        (4, vec![&compliance]),
    ] {
        let inputs: Vec<(usize, &[u8])> =
            parts.into_iter().flatten().map(|(name, bytes)| (*name, &bytes[..])).collect();
        seeds.push(("whole", whole::seed(flags, &inputs)));
    }
    let chat = b"channelId,chatId,chatDate,userId,isAlert,content\n5,1,633977856058249415,7,0,one\n5,2,633977856058249416,7,1,two\n";
    seeds.push(("whole", whole::seed(8, &[(0, chat)])));
}
