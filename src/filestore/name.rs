//! The name of a stored file within what refers to it.
//!
//! What is known: the client and the file share call a stored file `<guid>.<extension>`, and a message
//! refers to it by a URI of the scheme `ma-filelink`, whose grammar was never published. An event holds
//! the stored name, or a URL. So a name of that form is looked for first, anywhere in the URI; where
//! there is none, the last step of its path is the name. Names are compared and opened nowhere.

use std::borrow::Cow;

use crate::chat::Text;

/// Characters of a GUID.
const GUID: usize = 36;

/// Returns the name in a URI, given without its scheme; `None` where there is none.
pub(super) fn of_uri(uri: &[u8]) -> Option<Vec<u8>> {
    let decoded = decode_percent(uri);
    if let Some(name) = guid_name(&decoded) {
        return Some(name.to_vec());
    }
    let end = uri.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(uri.len());
    last_step(&decode_percent(uri.get(..end).unwrap_or_default()))
}

/// Returns the name in the content of a file event: the name itself, a path, or a URL.
pub(super) fn of_content(content: &[u8]) -> Option<Vec<u8>> {
    let content = content.trim_ascii();
    if content.windows(3).any(|three| three == b"://") {
        return of_uri(content);
    }
    match guid_name(content) {
        Some(name) => Some(name.to_vec()),
        None => last_step(content),
    }
}

/// Returns the last step of a path, as Windows would call the file: dots and blanks at its end do not
/// count there.
fn last_step(path: &[u8]) -> Option<Vec<u8>> {
    let last = path.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    let name = trim_end(last);
    (!name.is_empty()).then(|| name.to_vec())
}

/// Cuts off what Windows drops at the end of names.
pub(super) fn trim_end(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |at| at + 1);
    name.get(..end).unwrap_or_default()
}

/// Finds the last `<guid>.<extension>`.
fn guid_name(text: &[u8]) -> Option<&[u8]> {
    let mut starts = (0..text.len().saturating_sub(GUID)).rev();
    starts.find_map(|start| {
        let is_begun =
            start.checked_sub(1).and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let guid = text.get(start..start + GUID)?;
        if is_begun || !is_guid(guid) || text.get(start + GUID) != Some(&b'.') {
            return None;
        }
        let behind = text.get(start + GUID + 1..)?;
        let is_of_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"._-~$+".contains(byte);
        let length = behind.iter().position(|byte| !is_of_name(byte)).unwrap_or(behind.len());
        let name = trim_end(text.get(start..start + GUID + 1 + length)?);
        (name.len() > GUID).then_some(name)
    })
}

fn is_guid(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Takes percent-encoding back; text in which that gives no text stays as it is.
fn decode_percent(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        match (first, behind) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
                decoded.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => {
                decoded.push(first);
                rest = behind;
            }
        }
    }
    match Text::check(&decoded).map(Cow::into_owned) {
        Ok(decoded) => Cow::Owned(decoded),
        Err(_) => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = "0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx";

    fn uri(text: &str) -> String {
        of_uri(text.as_bytes()).map(|name| String::from_utf8(name).unwrap()).unwrap_or_default()
    }

    #[test]
    fn a_stored_name_is_found_wherever_a_uri_holds_it() {
        for text in [
            STORED.to_owned(),
            format!("//server/share/room/{STORED}"),
            format!("\\\\server\\share\\{STORED}"),
            format!("//server/{STORED}?size=100&name=Trades%20.xlsx"),
            format!("//server/get.aspx?file={STORED}&room=1"),
            format!("({STORED})."),
            format!("%7B/{}", STORED.replace('-', "%2D")),
            format!("//094f5a4a-c492-4f6b-91c2-385eba134fd3/{STORED}"),
            format!("094f5a4a-c492-4f6b-91c2-385eba134fd3.txt/{STORED}"),
        ] {
            assert_eq!(uri(&text), STORED, "{text}");
        }
    }

    #[test]
    fn without_one_the_last_step_of_the_path_is_the_name() {
        for (text, name) in [
            ("Test%20Info.txt", "Test Info.txt"),
            ("//server/a/b.txt?x=/c.txt#d", "b.txt"),
            ("\\\\server\\share\\b.txt", "b.txt"),
            ("..%2F..%5Cetc%2Fpasswd", "passwd"),
            ("50%.txt", "50%.txt"),
            ("caf%E9.txt", "caf%E9.txt"),
            ("caf%C3%A9.txt", "caf\u{E9}.txt"),
            ("report.txt. .", "report.txt"),
            ("x0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.txt", "x0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.txt"),
            ("0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01", "0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01"),
            ("", ""),
            ("..", ""),
            ("a/", ""),
        ] {
            assert_eq!(uri(text), name, "{text}");
        }
    }

    #[test]
    fn an_event_holds_a_name_a_path_or_a_url() {
        for (content, name) in [
            (STORED, STORED),
            (" a 50%25.txt\r\n", "a 50%25.txt"),
            ("https://pool/files/a%20b.txt", "a b.txt"),
            ("\\\\server\\share\\a b.txt", "a b.txt"),
        ] {
            assert_eq!(of_content(content.as_bytes()).as_deref(), Some(name.as_bytes()), "{content}");
        }
        assert_eq!(of_content(b" "), None);
    }
}
