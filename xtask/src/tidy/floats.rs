//! No float decides and none is money: none in the engine, none in the Atlas's money, rates
//! and times. Tests may use them to check.

use super::{Complaints, code};
use crate::tree::Tree;

const EXACT: [&str; 4] = [
    "crates/engine/src/",
    "crates/atlas/src/money",
    "crates/atlas/src/rate",
    "crates/atlas/src/time",
];

/// Looks for the types and for numbers of the types.
pub fn check(tree: &Tree, complaints: &mut Complaints) {
    for (path, source) in
        tree.sources().filter(|(path, _)| EXACT.iter().any(|e| path.starts_with(e)))
    {
        for (token, line) in code::shipped_tokens(tree, path, source) {
            let number = token.starts_with(|c: char| c.is_ascii_digit());
            let float = ["f32", "f64"].iter().any(|f| token == *f || number && token.ends_with(f));
            if float {
                complaints.add(path, line, format!("{token}: exact types decide here"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tests::complaints;

    #[test]
    fn a_float_in_the_engine_is_named_also_inside_a_macro() {
        let path = "crates/engine/src/bits.rs";
        assert_eq!(complaints(check, &[(path, "fn a(b: f64) {}\n")]).len(), 1);
        assert_eq!(complaints(check, &[(path, "m! { 1.0f32 }\n")]).len(), 1);
        assert!(complaints(check, &[(path, "/// Not an f64.\nfn a(b: i64) {}\n")]).is_empty());
        let test = "#[cfg(test)]\nmod tests {\n    const A: f64 = 1.0;\n}\n";
        assert!(complaints(check, &[(path, test)]).is_empty());
        assert!(complaints(check, &[("crates/sim/src/rng.rs", "fn a(b: f64) {}\n")]).is_empty());
    }
}
