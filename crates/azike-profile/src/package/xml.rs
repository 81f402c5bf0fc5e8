//! Small XML documents as a tree, without anything that can grow: no document
//! type, no entities but the five of XML itself, no name spaces.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::unicode;

/// How deep elements may nest. Azure's files have six levels.
const DEEPEST: usize = 24;

/// How many elements a file may have.
const MOST_ELEMENTS: usize = 10_000;

/// Why a file is not XML that we read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum XmlFault {
    /// Neither UTF-8 nor UTF-16.
    #[error("the text is neither UTF-8 nor UTF-16")]
    Encoding,
    /// Not well-formed.
    #[error("it is not well-formed XML")]
    Malformed,
    /// `<!DOCTYPE …>`; Azure never writes one, attacks need one.
    #[error("it has a DOCTYPE, which is not allowed")]
    DocumentType,
    /// `&name;` with a name that XML itself does not define.
    #[error("it uses an entity, which is not allowed")]
    Entity,
    /// Too deep, or too many elements.
    #[error("it has too many elements")]
    TooLarge,
    /// The outermost element is not the expected one.
    #[error("it is another kind of document")]
    OtherDocument,
}

/// An element: its local name, its own text, what is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    text: String,
    pub children: Vec<Self>,
}

impl Element {
    /// The text without white space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The elements of that name in this one.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        let children = self.children.iter();
        children.filter(move |child| child.name.eq_ignore_ascii_case(name))
    }

    /// The first element along a path of names.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        let mut here = self;
        for name in path {
            let mut children = here.children.iter();
            here = children.find(|child| child.name.eq_ignore_ascii_case(name))?;
        }
        Some(here)
    }

    /// The texts of a list, in both ways Azure writes lists: in the element
    /// itself with `,`, `;` or white space between, or one element for each.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(self.text());
        let texts = own.chain(self.children.iter().map(Self::text));
        let parts = texts.flat_map(|text| text.split([',', ';', ' ', '\t', '\r', '\n']));
        parts.filter(|part| !part.is_empty())
    }
}

/// Reads a document whose outermost element is `root`.
pub(super) fn parse(octets: &[u8], root: &str) -> Result<Element, XmlFault> {
    let text = unicode::decode(octets).ok_or(XmlFault::Encoding)?;
    let mut reader = Reader::from_str(&text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|_| XmlFault::Malformed)?;
        match event {
            Event::Start(start) => tree.open(start.local_name().into_inner())?,
            Event::Empty(start) => {
                tree.open(start.local_name().into_inner())?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let c = character(&reference)?;
                tree.text(c.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(XmlFault::DocumentType),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let document = tree.finish()?;
    if document.name.eq_ignore_ascii_case(root) {
        Ok(document)
    } else {
        Err(XmlFault::OtherDocument)
    }
}

/// The elements that are open, the outermost first, and what was closed.
#[derive(Debug, Default)]
struct Tree {
    open: Vec<Element>,
    document: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, name: &str) -> Result<(), XmlFault> {
        self.elements += 1;
        if self.open.len() >= DEEPEST || self.elements > MOST_ELEMENTS {
            return Err(XmlFault::TooLarge);
        }
        if self.document.is_some() {
            return Err(XmlFault::Malformed);
        }
        self.open.push(Element {
            name: name.to_owned(),
            ..Element::default()
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlFault> {
        let element = self.open.pop().ok_or(XmlFault::Malformed)?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.document = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlFault> {
        let control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{85}');
        if text.contains(control) {
            return Err(XmlFault::Malformed);
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(XmlFault::Malformed),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlFault> {
        match (self.open.is_empty(), self.document) {
            (true, Some(document)) => Ok(document),
            _ => Err(XmlFault::Malformed),
        }
    }
}

/// `&#65;` and the five names that every XML document has.
fn character(reference: &BytesRef<'_>) -> Result<char, XmlFault> {
    let numbered = reference.resolve_char_ref();
    match (numbered, &**reference) {
        (Ok(Some(c)), _) => Ok(c),
        (Err(_), _) => Err(XmlFault::Malformed),
        (Ok(None), "lt") => Ok('<'),
        (Ok(None), "gt") => Ok('>'),
        (Ok(None), "amp") => Ok('&'),
        (Ok(None), "quot") => Ok('"'),
        (Ok(None), "apos") => Ok('\''),
        (Ok(None), _) => Err(XmlFault::Entity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> XmlFault {
        parse(text.as_bytes(), "a").unwrap_err()
    }

    #[test]
    fn text_is_put_together_from_all_its_parts() {
        let document = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<!-- x --><x:a xmlns:x='y'>\
                        1<![CDATA[<2>]]>&amp;&#51;<!-- y --> <b/><b> 4 </b></x:a>\n";
        let document = parse(document.as_bytes(), "A").unwrap();
        assert_eq!(document.text(), "1<2>&3");
        let texts: Vec<&str> = document.all("B").map(Element::text).collect();
        assert_eq!(texts, ["", "4"]);
    }

    #[test]
    fn both_kinds_of_list_are_read() {
        for text in [
            "<a>1, 2;3\n4</a>",
            "<a><string>1</string><string>2 3</string><x>4</x></a>",
        ] {
            let list = parse(text.as_bytes(), "a").unwrap();
            assert_eq!(list.list().collect::<Vec<_>>(), ["1", "2", "3", "4"]);
        }
    }

    /// N-97.
    #[test]
    fn document_types_and_entities_are_refused() {
        let laughs = "<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;\">]><a>&m;</a>";
        assert_eq!(fault(laughs), XmlFault::DocumentType);
        assert_eq!(
            fault("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"),
            XmlFault::DocumentType
        );
        assert_eq!(fault("<a>&nbsp;</a>"), XmlFault::Entity);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><a/>",
            "<a/>x",
            "x<a/>",
            "<a>&#0;</a>",
            "<a>&#xffffffff;</a>",
            "<a>\u{1}</a>",
            "<a",
            "<a>&</a>",
        ] {
            assert_eq!(fault(text), XmlFault::Malformed, "{text:?}");
        }
        assert_eq!(fault("<b/>"), XmlFault::OtherDocument);
        assert_eq!(parse(b"<a>\xff</a>", "a").unwrap_err(), XmlFault::Encoding);
    }

    #[test]
    fn nesting_and_number_are_limited() {
        assert_eq!(fault(&"<a>".repeat(100_000)), XmlFault::TooLarge);
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
        assert_eq!(fault(&many), XmlFault::TooLarge);
    }
}
