//! What several rules ask of Rust files: which lines are tests, and the tokens of the code
//! without its comments.

use crate::tree::Tree;
use proc_macro2::{TokenStream, TokenTree};
use std::ops::RangeInclusive;
use syn::spanned::Spanned;
use syn::{Attribute, Item};

/// A token as text, and its line.
pub type Token = (String, usize);

/// Whether a whole file is there for tests.
pub fn is_test_file(path: &str) -> bool {
    path.starts_with("fuzz/")
        || path.ends_with("/tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || path.ends_with("/fixture.rs")
}

/// Whether an item is compiled for tests alone.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test")
    })
}

/// The lines of `#[cfg(test)]` items.
pub fn test_lines(source: &syn::File) -> Vec<RangeInclusive<usize>> {
    let tests = source.items.iter().filter(|item| is_for_tests(attributes(item)));
    tests.map(|item| item.span().start().line..=item.span().end().line).collect()
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// A file's tokens in order, groups opened; the bodies of macros are tokens as well.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    if let Ok(stream) = text.parse::<TokenStream>() {
        gather(stream, &mut found);
    }
    found
}

/// The tokens of a file that are compiled into what ships; none of a file of tests.
pub fn shipped_tokens(tree: &Tree, path: &str, source: &syn::File) -> Vec<Token> {
    if is_test_file(path) {
        return Vec::new();
    }
    let tests = test_lines(source);
    let mut found = tokens(tree.text(path).unwrap_or_default());
    found.retain(|(_, line)| !tests.iter().any(|lines| lines.contains(line)));
    found
}

fn gather(stream: TokenStream, found: &mut Vec<Token>) {
    for token in stream {
        let line = token.span().start().line;
        let TokenTree::Group(group) = token else {
            found.push((token.to_string(), line));
            continue;
        };
        let (open, close) = match group.delimiter() {
            proc_macro2::Delimiter::Parenthesis => ("(", ")"),
            proc_macro2::Delimiter::Brace => ("{", "}"),
            proc_macro2::Delimiter::Bracket => ("[", "]"),
            proc_macro2::Delimiter::None => ("", ""),
        };
        found.push((open.to_owned(), line));
        gather(group.stream(), found);
        found.push((close.to_owned(), group.span_close().end().line));
    }
}
