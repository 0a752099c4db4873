//! The base tables that the catalog is made of (Microsoft Learn, "System base tables"). There are two
//! dialects: that of SQL Server 2005 and that of all later versions.

use super::kinds::Kind;
use super::schema::{Column, Table};

use Kind::*;

/// Number of each base table.
pub const SYSRSCOLS: i32 = 3;
pub const SYSROWSETCOLUMNS: i32 = 4;
pub const SYSROWSETS: i32 = 5;
pub const SYSALLOCUNITS: i32 = 7;
pub const SYSHOBTCOLUMNS: i32 = 13;
pub const SYSSCHOBJS: i32 = 34;
pub const SYSCOLPARS: i32 = 41;
pub const SYSCLSOBJS: i32 = 64;

/// Returns the id of a base table's only partition, which is also that of its only unit.
pub fn base_rowset(object: i32) -> i64 {
    let index = if object <= 13 { 0 } else { 1 << 48 };
    index | i64::from(object) << 16
}

/// Returns the base tables of a version, with their numbers.
pub fn base_tables(version: u16) -> Vec<(i32, Table)> {
    let old = version < 655;
    let sysname = |name: &str| Column::new(name, NVarChar(128));
    let many = |names: &str, kind: Kind| -> Vec<Column> {
        names.split(' ').map(|name| Column::new(name, kind).not_null()).collect()
    };
    let one = |name: &str, kind: Kind| vec![Column::new(name, kind).not_null()];
    let table = |name: &str, key: &[&str], columns: Vec<Vec<Column>>| {
        Table::clustered(name, key, columns.concat()).in_schema("sys")
    };
    let rscols = table(
        "sysrscols",
        &["rsid", "rscolid"],
        vec![
            one("rsid", BigInt),
            many("rscolid hbcolid", Int),
            one("rcmodified", BigInt),
            many("ti cid", Int),
            many("ordkey maxinrowlen", SmallInt),
            many("status offset nullbit", Int),
            one("bitpos", SmallInt),
            vec![Column::new("colguid", VarBinary(16))],
        ],
    );
    let rowsetcolumns = table(
        "sysrowsetcolumns",
        &["rowsetid", "rowsetcolid"],
        vec![
            one("rowsetid", BigInt),
            many("rowsetcolid hobtcolid status", Int),
            one("rcmodified", BigInt),
            one("maxinrowlen", SmallInt),
        ],
    );
    let mut rowsets = vec![
        one("rowsetid", BigInt),
        one("ownertype", TinyInt),
        many("idmajor idminor numpart status", Int),
        one("fgidfs", SmallInt),
        one("rcrows", BigInt),
    ];
    if !old {
        rowsets.extend([
            many("cmprlevel fillfact", TinyInt),
            one("maxnullbit", SmallInt),
            one("maxleaf", Int),
            many("maxint minleaf minint", SmallInt),
            vec![Column::new("rsguid", VarBinary(16)), Column::new("lockres", VarBinary(8))],
        ]);
    }
    let hobtcolumns = table(
        "syshobtcolumns",
        &["hobtid", "hobtcolumnid"],
        vec![
            one("hobtid", BigInt),
            many("hobtcolumnid status", Int),
            one("ordkey", SmallInt),
            one("xtype", TinyInt),
            one("length", SmallInt),
            many("prec scale", TinyInt),
            one("collationid", Int),
            many("offsetleaf offsetint", SmallInt),
            many("bitposleaf bitposint", TinyInt),
            many("nullbitleaf nullbitint", SmallInt),
        ],
    );
    let allocunits = table(
        "sysallocunits",
        &["auid"],
        vec![
            one("auid", BigInt),
            one("type", TinyInt),
            one("ownerid", BigInt),
            one("status", Int),
            one("fgid", SmallInt),
            many("pgfirst pgroot pgfirstiam", Binary(6)),
            many("pcused pcdata pcreserved", BigInt),
        ],
    );
    let mut schobjs = vec![
        one("id", Int),
        vec![sysname("name").not_null()],
        one("nsid", Int),
        one("nsclass", TinyInt),
        one("status", Int),
        one("type", Char(2)),
        one("pid", Int),
        one("pclass", TinyInt),
        one("intprop", Int),
        many("created modified", DateTime),
    ];
    if version >= 706 {
        schobjs.push(one("status2", Int));
    }
    let colpars = table(
        "syscolpars",
        &["id", "number", "colid"],
        vec![
            one("id", Int),
            one("number", SmallInt),
            one("colid", Int),
            vec![sysname("name")],
            one("xtype", TinyInt),
            one("utype", Int),
            one("length", SmallInt),
            many("prec scale", TinyInt),
            many("collationid status", Int),
            one("maxinrow", SmallInt),
            many("xmlns dflt chk", Int),
            vec![Column::new("idtval", VarBinary(64))],
        ],
    );
    let clsobjs = table(
        "sysclsobjs",
        &["class", "id"],
        vec![
            one("class", TinyInt),
            one("id", Int),
            vec![sysname("name").not_null()],
            one("status", Int),
            one("type", Char(2)),
            one("intprop", Int),
            many("created modified", DateTime),
        ],
    );
    let columns = match old {
        true => vec![(SYSROWSETCOLUMNS, rowsetcolumns), (SYSHOBTCOLUMNS, hobtcolumns)],
        false => vec![(SYSRSCOLS, rscols)],
    };
    let common = vec![
        (SYSROWSETS, table("sysrowsets", &["rowsetid"], rowsets)),
        (SYSALLOCUNITS, allocunits),
        (SYSSCHOBJS, table("sysschobjs", &["id"], schobjs)),
        (SYSCOLPARS, colpars),
        (SYSCLSOBJS, clsobjs),
    ];
    [columns, common].concat()
}
