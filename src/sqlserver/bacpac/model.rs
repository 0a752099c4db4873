//! The tables that `model.xml` describes (MS-DACPAC, schema of the model).
//!
//! The document is walked once; elements in one another are kept in a list, of bounded length.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::name::parts;
use crate::sqlserver::declared::Declared;
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::{Column, DataType};

/// The deepest that elements lie in one another; real models have about 20.
const DEEPEST: usize = 500;

/// A table of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelTable {
    pub(super) schema: String,
    pub(super) name: String,
    /// Its stored columns in their order.
    pub(super) columns: Vec<Column>,
}

/// A type as the model tells it, user types not resolved.
#[derive(Debug, Clone, Default)]
struct Told {
    name: Vec<String>,
    max: bool,
    length: Option<u32>,
    precision: Option<u32>,
    scale: Option<u32>,
}

#[derive(Debug)]
struct ToldColumn {
    name: String,
    nullable: bool,
    told: Told,
}

/// An element that is open.
#[derive(Debug)]
enum Node {
    Table { name: Vec<String>, columns: Vec<ToldColumn> },
    Column(ToldColumn),
    Specifier(Told),
    UserType { name: Vec<String>, told: Told },
    Relationship(String),
    Other,
}

#[derive(Default)]
struct Draft {
    open: Vec<Node>,
    tables: Vec<(Vec<String>, Vec<ToldColumn>)>,
    user_types: HashMap<Vec<String>, Told>,
}

/// Reads the tables of a model.
pub(super) fn parse(text: &str) -> Result<Vec<ModelTable>, String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut draft = Draft::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                let node = draft.begin(&element)?;
                if draft.open.len() >= DEEPEST {
                    return Err(format!("its elements lie more than {DEEPEST} deep"));
                }
                draft.open.push(node);
            }
            Event::Empty(element) => {
                let node = draft.begin(&element)?;
                draft.end(node)?;
            }
            Event::End(_) => {
                let node = draft.open.pop().unwrap_or(Node::Other);
                draft.end(node)?;
            }
            Event::DocType(_) => return Err("it has a document type definition".to_owned()),
            Event::Eof if draft.open.is_empty() => return Ok(draft.finish()),
            Event::Eof => return Err("it ends within an element".to_owned()),
            _ => {}
        }
    }
}

pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.local_name().as_ref() == name {
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

impl Draft {
    fn begin(&mut self, element: &BytesStart<'_>) -> Result<Node, String> {
        let value = |name| attribute(element, name).map(Option::unwrap_or_default);
        match element.local_name().as_ref() {
            "Element" => {
                let name = parts(&value("Name")?);
                let column = || name.last().cloned().unwrap_or_default();
                Ok(match value("Type")?.as_str() {
                    "SqlTable" => Node::Table { name, columns: Vec::new() },
                    "SqlSimpleColumn" if self.is_column() => {
                        Node::Column(ToldColumn { name: column(), nullable: true, told: Told::default() })
                    }
                    "SqlTypeSpecifier" => Node::Specifier(Told::default()),
                    "SqlXmlTypeSpecifier" => {
                        Node::Specifier(Told { name: vec!["xml".to_owned()], ..Told::default() })
                    }
                    "SqlUserDefinedDataType" => Node::UserType { name, told: Told::default() },
                    "SqlUserDefinedType" => {
                        // A type of the common language runtime.
                        Node::UserType {
                            name,
                            told: Told { name: vec!["hierarchyid".to_owned()], ..Told::default() },
                        }
                    }
                    _ => Node::Other,
                })
            }
            "Relationship" => Ok(Node::Relationship(value("Name")?)),
            "Property" => {
                self.property(&value("Name")?, &value("Value")?);
                Ok(Node::Other)
            }
            "References" => {
                if let [.., Node::Relationship(relation), Node::Other] = self.open.as_slice()
                    && relation == "Type"
                {
                    self.reference(parts(&value("Name")?));
                }
                Ok(Node::Other)
            }
            _ => Ok(Node::Other),
        }
    }

    /// Tells whether the element that begins stands in a table's list of columns.
    fn is_column(&self) -> bool {
        matches!(self.open.as_slice(), [.., Node::Table { .. }, Node::Relationship(name), Node::Other] if name == "Columns")
    }

    /// Returns the element at hand.
    fn element(&mut self) -> Option<&mut Node> {
        self.open.iter_mut().rev().find(|node| !matches!(node, Node::Relationship(_) | Node::Other))
    }

    fn property(&mut self, name: &str, value: &str) {
        let is_true = value.eq_ignore_ascii_case("true");
        let number = || value.parse().ok();
        match (self.open.last_mut(), name) {
            (Some(Node::Column(column)), "IsNullable") => column.nullable = is_true,
            (Some(Node::Specifier(told) | Node::UserType { told, .. }), name) => match name {
                "IsMax" => told.max = is_true,
                "Length" => told.length = number(),
                "Precision" => told.precision = number(),
                "Scale" => told.scale = number(),
                _ => {}
            },
            _ => {}
        }
    }

    fn reference(&mut self, name: Vec<String>) {
        if let Some(Node::Specifier(told) | Node::UserType { told, .. }) = self.element()
            && told.name.is_empty()
        {
            told.name = name;
        }
    }

    fn end(&mut self, node: Node) -> Result<(), String> {
        match node {
            Node::Table { name, columns } => self.tables.push((name, columns)),
            Node::Column(column) => {
                if let Some(Node::Table { columns, .. }) = self.element() {
                    if columns.len() >= MAX_COLUMNS {
                        return Err("a table has more columns than any can have".to_owned());
                    }
                    columns.push(column);
                }
            }
            Node::Specifier(told) => {
                if let Some(Node::Column(column)) = self.element() {
                    column.told = told;
                }
            }
            Node::UserType { name, told } => {
                self.user_types.insert(folded(&name), told);
            }
            Node::Relationship(_) | Node::Other => {}
        }
        Ok(())
    }

    fn finish(self) -> Vec<ModelTable> {
        let types = self.user_types;
        let column = |ToldColumn { name, nullable, told }: ToldColumn| Column {
            name,
            data_type: resolved(&told, &types),
            nullable,
        };
        let table = |(mut name, columns): (Vec<String>, Vec<ToldColumn>)| {
            let table = name.pop().unwrap_or_default();
            let columns = columns.into_iter().map(column).collect();
            ModelTable { schema: name.pop().unwrap_or_default(), name: table, columns }
        };
        self.tables.into_iter().map(table).collect()
    }
}

fn folded(name: &[String]) -> Vec<String> {
    name.iter().map(|part| part.to_lowercase()).collect()
}

fn resolved(told: &Told, types: &HashMap<Vec<String>, Told>) -> DataType {
    let told = types.get(&folded(&told.name)).unwrap_or(told);
    let name = told.name.last().map_or("", String::as_str);
    let digits = matches!(name, "decimal" | "numeric");
    let timed = matches!(name, "time" | "datetime2" | "datetimeoffset");
    let first = match (digits, timed) {
        (true, _) => told.precision,
        (_, true) => told.scale,
        _ => told.length.or(told.precision),
    };
    Declared { name, max: told.max, first, second: told.scale }.data_type()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_types_and_computed_ones_are_left_out() {
        let tables = parse(
            r#"<DataSchemaModel xmlns="x"><Model>
            <Element Type="SqlTable" Name="[dbo].[a]]b.c]"><Relationship Name="Columns">
             <Entry><Element Type="SqlSimpleColumn" Name="[dbo].[a]]b.c].[id]"><Property Name="IsNullable" Value="False"/>
              <Relationship Name="TypeSpecifier"><Entry><Element Type="SqlTypeSpecifier"><Relationship Name="Type"><Entry>
               <References Name="[DBO].[id]"/></Entry></Relationship></Element></Entry></Relationship></Element></Entry>
             <Entry><Element Type="SqlComputedColumn" Name="[dbo].[a]]b.c].[twice]"/></Entry>
             <Entry><Element Type="SqlSimpleColumn" Name="[dbo].[a]]b.c].[x]"><Relationship Name="TypeSpecifier"><Entry>
              <Element Type="SqlXmlTypeSpecifier"/></Entry></Relationship></Element></Entry>
             <Entry><Element Type="SqlSimpleColumn" Name="[dbo].[a]]b.c].[t]"><Relationship Name="TypeSpecifier"><Entry>
              <Element Type="SqlTypeSpecifier"><Property Name="Scale" Value="3"/><Relationship Name="Type"><Entry>
              <References ExternalSource="BuiltIns" Name="[datetime2]"/></Entry></Relationship></Element></Entry></Relationship></Element></Entry>
            </Relationship></Element>
            <Element Type="SqlUserDefinedDataType" Name="[dbo].[id]"><Property Name="Length" Value="11"/>
             <Relationship Name="Type"><Entry><References Name="[varchar]"/></Entry></Relationship></Element>
            </Model></DataSchemaModel>"#,
        )
        .unwrap();
        let column = |name: &str, data_type, nullable| Column { name: name.to_owned(), data_type, nullable };
        let columns = vec![
            column("id", DataType::VarChar(11), false),
            column("x", DataType::Xml, true),
            column("t", DataType::DateTime2(3), true),
        ];
        assert_eq!(tables, [ModelTable { schema: "dbo".to_owned(), name: "a]b.c".to_owned(), columns }]);
    }

    #[test]
    fn hostile_models_are_refused() {
        for text in ["<a>", "<!DOCTYPE a><a/>", "<Element b=1/>", &"<Element>".repeat(100_000)] {
            assert!(parse(text).is_err());
        }
        assert_eq!(parse(""), Ok(Vec::new()));
    }
}
