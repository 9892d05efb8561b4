//! `cargo xtask new-switch NAME`: a format of call records and all the lines that name it.

use super::{create, named_well, read, with_last, write};
use crate::{Failure, child, tree};
use std::process::Command;

const FOLDER: &str = "crates/switches/src/records";

/// `cargo xtask new-switch`.
#[derive(clap::Args)]
pub struct Switch {
    /// What writes the records, and the file's name, like `freeswitch`
    name: String,
}

/// Makes a format that reads a header and five columns.
pub fn switch(options: &Switch) -> Result<(), Failure> {
    let root = tree::root()?;
    let name = options.name.as_str();
    named_well(name)?;
    let camel = camel(name);
    let fill = |text: &str| text.replace("NAME", name).replace("CAMEL", &camel);
    let path = |file: &str| format!("{FOLDER}/{file}.rs");
    // All is worked out before anything is written.
    let (format, decoder, list) = (path("format"), path("decoder"), path("mod"));
    let new_format = with_format(&read(&root, &format)?, name, &camel)?;
    let new_decoder = with_reader(&read(&root, &decoder)?, name, &camel)?;
    let new_list = with_module(&read(&root, &list)?, name)?;
    let (code, page) = (path(name), format!("casebook/switches/{name}.md"));
    create(&root, &code, &fill(include_str!("switch.rs.txt")))?;
    create(&root, &page, &fill(include_str!("switch.md.txt")))?;
    for (path, text) in [(&format, new_format), (&decoder, new_decoder), (&list, new_list)] {
        write(&root, path, &text)?;
    }
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.current_dir(&root).args(["--edition", "2024"]).args([&list, &code]);
    child::quietly(rustfmt)?;
    println!("{code}\n{page}\n{format}, {decoder}, {list}: it is named there");
    println!("Now: its columns, the signs by which {FOLDER}/detect.rs knows it, the page,");
    println!("real records as a test, a fuzz target. Then: cargo test -p sekimori-switches");
    Ok(())
}

/// `call_log` as `CallLog`.
fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
    words.collect()
}

/// `format.rs` with a variant, its place in `ALL` and its name.
fn with_format(text: &str, name: &str, camel: &str) -> Result<String, Failure> {
    if text.contains(&format!("Format::{camel} ")) {
        return Err(format!("There is a format {camel} already."));
    }
    let text = with_last(text, "pub enum Format {", &format!("    /// {camel}: ….\n    {camel},"))?;
    let text = with_last(&text, "pub const ALL:", &format!("        Format::{camel},"))?;
    let text = counted_up(&text)?;
    let word = name.replace('_', "-");
    with_last(&text, "match self {", &format!("            Format::{camel} => \"{word}\","))
}

/// The length of `ALL`, one more.
fn counted_up(text: &str) -> Result<String, Failure> {
    let counted = text.split_once("ALL: [Format; ").and_then(|(before, after)| {
        let (n, rest) = after.split_once(']')?;
        Some(format!("{before}ALL: [Format; {}]{rest}", n.parse::<u32>().ok()? + 1))
    });
    counted.ok_or_else(|| "format.rs has no `ALL: [Format; N]`.".to_owned())
}

/// `decoder.rs` with a reader for it.
fn with_reader(text: &str, name: &str, camel: &str) -> Result<String, Failure> {
    let text = text.replacen(
        "use super::rows::",
        &format!("use super::{name}::{camel};\nuse super::rows::"),
        1,
    );
    let text = with_last(&text, "enum Reader {", &format!("    {camel}(Box<{camel}>),"))?;
    let opens = format!(
        "            Format::{camel} => {{\n                \
         let reader = {camel}::open(&row, &self.options)?;\n                \
         (Reader::{camel}(Box::new(reader)), First::Header)\n            }}"
    );
    let text = with_last(&text, "let (reader, first) = match self.format {", &opens)?;
    // Two matches over the readers stand in one impl: each gets its own arm.
    let (before, readers) =
        text.split_once("impl Reader {").ok_or("decoder.rs has no `impl Reader {`.")?;
    let (first, second) = readers
        .split_once("fn looks_whole")
        .ok_or("decoder.rs has no `fn looks_whole` of its readers.")?;
    let row = format!("            Reader::{camel}(reader) => reader.row(row, line, sink)?,");
    let whole =
        format!("            Reader::{camel}(reader) => reader.looks_whole(line, delimiter),");
    let (first, second) =
        (with_last(first, "match self {", &row)?, with_last(second, "match self {", &whole)?);
    Ok(format!("{before}impl Reader {{{first}fn looks_whole{second}"))
}

/// `mod.rs` with the module; rustfmt puts it in its place.
fn with_module(text: &str, name: &str) -> Result<String, Failure> {
    if !text.contains("\nmod cells;\n") {
        return Err("mod.rs does not declare its modules as expected.".to_owned());
    }
    Ok(text.replacen("\nmod cells;\n", &format!("\nmod cells;\nmod {name};\n"), 1))
}

#[cfg(test)]
mod tests {
    use super::{camel, with_format, with_module, with_reader};

    /// The files as they stand: when their shape changes, this says so.
    #[test]
    fn the_lists_of_formats_take_one_more() {
        let folder = |file: &str| {
            let root = crate::tree::root().unwrap();
            std::fs::read_to_string(root.join(super::FOLDER).join(file)).unwrap()
        };
        let format = with_format(&folder("format.rs"), "avaya_sm", "AvayaSm").unwrap();
        assert!(format.contains("Format::AvayaSm => \"avaya-sm\","));
        let decoder = with_reader(&folder("decoder.rs"), "avaya_sm", "AvayaSm").unwrap();
        assert_eq!(decoder.matches("Reader::AvayaSm(").count(), 3);
        let list = with_module(&folder("mod.rs"), "avaya_sm").unwrap();
        for text in [format, decoder, list] {
            assert!(syn::parse_file(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_type_is_named_after_the_file() {
        assert_eq!(camel("avaya_sm"), "AvayaSm");
    }

    #[test]
    fn what_is_written_for_the_author_is_rust() {
        let text = include_str!("switch.rs.txt").replace("CAMEL", "AvayaSm");
        assert!(syn::parse_file(&text).is_ok());
    }
}
