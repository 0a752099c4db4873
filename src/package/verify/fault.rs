//! Every kind of problem, with how bad it is and what to do: the one table that gives codes their meaning.

use super::problem::Fault;
use crate::ledger::Level::{Error, Warning};

macro_rules! faults {
    ($($name:ident $code:literal $level:ident $meaning:literal)*) => {
        $(pub(super) static $name: Fault = Fault { code: $code, level: $level, meaning: $meaning };)*

        /// All codes, for the test that no two are alike.
        #[cfg(test)]
        pub(super) static ALL: &[&Fault] = &[$(&$name),*];
    };
}

faults! {
    UNREADABLE "FILE-UNREADABLE" Error
        "The file's bytes cannot be had, so nothing can be said of it. Take another copy of the package; if all copies are so, make it anew from the inputs."

    BAG_DECLARATION "BAG-DECLARATION" Error
        "bagit.txt does not say in the required form which BagIt this is; other programs will refuse the bag. The payload may be whole: if the manifests agree with it, write the two lines of bagit.txt anew."
    BAG_ENCODING "BAG-ENCODING" Error
        "A tag file holds bytes that are no text in the declared encoding, so what it says is partly lost. Take it from another copy, or declare the encoding that it has."
    BAG_TEXT_FORM "BAG-TEXT-FORM" Warning
        "The tag file was understood, but not every program will read it in this form. Nothing is lost; write it anew without the mark before the bag goes on."
    BAG_INFO "BAG-INFO" Error
        "bag-info.txt is not in the form that BagIt requires; what it says of the bag may be misread. The payload is not concerned; mend the line, and the digest of the file in the tag manifests."
    BAG_INFO_FORM "BAG-INFO-FORM" Warning
        "bag-info.txt was understood, but not every program will read it in this form. Nothing is lost."
    BAG_OXUM "BAG-OXUM" Error
        "The payload does not have the size that was noted when the bag was made: files were added, lost or changed. Take another copy."
    BAG_MANIFEST "BAG-MANIFEST" Error
        "Without sound manifests nothing proves that the payload is what was packed. Take another copy."
    BAG_ALGORITHM "BAG-ALGORITHM" Warning
        "This manifest uses digests that gc2pc does not know, so it proves nothing here. Other manifests of the bag are checked."
    BAG_PATH "BAG-PATH" Error
        "The name leads out of the bag, or would on some system. Nothing was read there. Do not unpack this bag with programs that trust names."
    BAG_PATH_FORM "BAG-PATH-FORM" Warning
        "The name was understood, but not every program will read it in this form. Nothing is lost; write the manifest anew before the bag goes on."
    BAG_DUPLICATE "BAG-DUPLICATE" Error
        "A manifest lists the file more than once, so it does not say clearly what the file was. Compare the file with another copy, and leave one line."
    BAG_DUPLICATE_LINE "BAG-DUPLICATE-LINE" Warning
        "A manifest lists the file twice with the same digest, which later versions of BagIt forbid. Nothing is lost; leave one line."
    BAG_MISSING "BAG-MISSING" Error
        "A file that was packed is gone, and its content with it. Take it from another copy."
    BAG_EXTRA "BAG-EXTRA" Error
        "A file lies in the payload that no manifest vouches for: it was added later, or its line was removed. Do not trust it; if it is a file that a system left about, remove it."
    BAG_CHANGED "BAG-CHANGED" Error
        "The file is not the one that was packed: its content is damaged or was altered. Do not use it; take another copy."
    BAG_FETCH "BAG-FETCH" Error
        "The bag is incomplete: this file is to be fetched from elsewhere, which gc2pc never does. Complete the bag first."
    BAG_CLASH "BAG-CLASH" Warning
        "Two names differ in a way that some file systems do not tell apart; one file would overwrite the other there, and its content would be lost. Unpack the bag on a system that tells them apart."
    BAG_PATH_SYSTEM "BAG-PATH-SYSTEM" Warning
        "Windows cannot hold a file of this name: it would be renamed or lost there. Unpack the bag on another system, or rename the file here and in the manifests."
    BAG_LITTER "BAG-LITTER" Warning
        "Systems leave such files about, and it is hardly content that somebody meant to pack. Nothing is lost; a system may change it again, and the bag would not be valid any more."
    BAG_LINK "BAG-LINK" Error
        "A link or special file is no content of a bag. It was not followed; put the file itself in its place, if it is the one that was packed."

    ZIP_LAYOUT "ZIP-LAYOUT" Error
        "The ZIP holds bytes that belong to no entry, or entries that share bytes. gc2pc writes no such ZIP: it was altered or damaged after it was made."
    ZIP_HEADER "ZIP-HEADER" Error
        "A header of the ZIP differs from what gc2pc writes. The content may be whole, but the file was altered or damaged after it was made."
    ZIP_DUPLICATE "ZIP-DUPLICATE" Error
        "Two entries have one name, and programs differ in which of them they show. Do not trust the file."

    PACKAGE_FORM "PACKAGE-FORM" Error
        "The package is not in the one form that gc2pc writes, so it was altered after it was made, even where digests agree."
    PACKAGE_EXTRA "PACKAGE-EXTRA" Error
        "The file is no part of a package. It was added after the package was made. Remove it if you know where it comes from, else take another copy."
    PACKAGE_MISSING "PACKAGE-MISSING" Error
        "A part of the package is gone. What it held is lost from this copy; take another one or make the package anew."

    DOC_XML "DOC-XML" Error
        "The document is damaged: nothing behind this place can be read, also by other programs."
    DOC_SCHEMA "DOC-SCHEMA" Error
        "The document is XML, but not what the package's schema allows, so programs that rely on it may misread or refuse it."
    DOC_REFERENCE "DOC-REFERENCE" Error
        "The document refers to something that is not in the package: who or what is meant is lost."
    DOC_DUPLICATE "DOC-DUPLICATE" Error
        "Two things bear one identity, so references to it are ambiguous."
    DOC_ORDER "DOC-ORDER" Error
        "Messages or events are missing, doubled or out of order here."
    MESSAGE_ID "MESSAGE-ID" Error
        "The message's identity is not that of its room, time, author and text: one of these was altered, or the identity forged. Take another copy."
    DOC_CONFLICT "DOC-CONFLICT" Error
        "Messages that exclude each other must name each other, and conflicts.csv must list them; here one side is silent. Both texts must be looked at."

    LEDGER_FORM "LEDGER-FORM" Error
        "The ledger cannot be read here, so it does not prove that no record was lost."
    LEDGER_ORDER "LEDGER-ORDER" Error
        "Rows of the ledger stand in a fixed order; these do not, so the file was altered after it was made."
    LEDGER_BEYOND "LEDGER-BEYOND" Error
        "The record is said to come from a place that the inputs do not have. Its origin cannot be proven."
    LEDGER_TWICE "LEDGER-TWICE" Error
        "A record of the inputs stands more than once in the account: a message was doubled, or a row was forged."
    LEDGER_NOWHERE "LEDGER-NOWHERE" Error
        "A record of the inputs stands nowhere: a message or a row of the ledger was lost after the conversion."
    LEDGER_KEPT "LEDGER-KEPT" Error
        "A duplicate was dropped in favour of something that is not in the package: what it said may be lost."
    LEDGER_SUM "LEDGER-SUM" Error
        "Counts in sources.csv differ from what is there: records were added or removed, or the count was forged."

    STAGING_FORM "STAGING-FORM" Error
        "The file cannot be read as the rows that it should hold, so a server would refuse or misread it. The documents may be whole; take another copy."
    STAGING_DIFFERS "STAGING-DIFFERS" Error
        "The staging lane holds other rows than the documents: what is loaded from it is not what the package holds. Take another copy."
    FILES_DIFFER "FILES-DIFFER" Error
        "A file carried from the old file store, or what refers to it, is not what files.csv tells: one of the two was altered. Take another copy."

    CONTROL_DIFFERS "CONTROL-DIFFERS" Error
        "control.csv and the findings tell differently how many tables lack rows: one of the two was altered."
    NAMES_DIFFER "NAMES-DIFFER" Error
        "names.csv does not tell the names that the documents have, so the way from old names to new ones is wrong."
    REPORT_FORM "REPORT-FORM" Error
        "The report cannot be read, so what was told to people cannot be compared with the package."
    REPORT_DIFFERS "REPORT-DIFFERS" Error
        "The report tells something else than the package holds: one of the two was altered."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_faults_share_a_code_and_each_has_a_meaning() {
        let mut codes: Vec<&str> = ALL.iter().map(|fault| fault.code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|fault| fault.meaning.ends_with('.')));
    }
}
