//! Text that a spreadsheet takes for a formula. It is kept as it is, in CSV too: whoever opens such a file
//! in a spreadsheet is warned instead.

use super::describe::count;
use crate::chat::{Text, is_formula};
use crate::ledger::{Findings, Level};
use crate::migrate::{Options, Plan};

/// Tells of all such texts at once (CSV-FORMULA).
pub(super) fn tell(plan: &Plan, options: &Options, findings: &mut Findings) {
    let messages: u64 = options.histories.values().map(|history| history.formulas).sum();
    let people = plan.people.iter().filter_map(|person| person.name.as_ref());
    let places = plan.names.iter().flat_map(|row| [&row.old_path, &row.new_name]);
    let is_odd = |text: &&Text| is_formula(text.as_bytes());
    let names = people.chain(places).filter(is_odd).collect::<std::collections::BTreeSet<_>>().len();
    if messages == 0 && names == 0 {
        return;
    }
    let detail = format!(
        "{} and {} begin as formulas do (=, +, -, @). They are kept as they are, in CSV files too: import such files \
         into a spreadsheet as text, and do not open them there with a double click.",
        count(usize::try_from(messages).unwrap_or(usize::MAX), "message"),
        count(names, "name")
    );
    findings.add("CSV-FORMULA", Level::Info, "spreadsheets", detail);
}

#[cfg(test)]
mod tests {
    use crate::chat::HistoryFacts;
    use crate::migrate::world::World;

    #[test]
    fn messages_and_names_that_spreadsheets_would_run_are_counted() {
        for (formulas, category, told) in [
            (0, "B", None),
            (1, "B", Some("1 message and 0 names ")),
            (2, "=cmd|' /C calc'!A0", Some("2 messages and 1 name ")),
        ] {
            let mut world = World::settled_root();
            world.category("A");
            world.category(category);
            let guid = world.room("A\\R").guid;
            world.options.histories.insert(guid, HistoryFacts { formulas, ..HistoryFacts::default() });
            let planned = world.plan();
            assert_eq!(planned.told("CSV-FORMULA").len(), usize::from(told.is_some()), "{category}");
            assert!(told.is_none_or(|told| planned.detail("CSV-FORMULA").starts_with(told)), "{category}");
        }
    }
}
