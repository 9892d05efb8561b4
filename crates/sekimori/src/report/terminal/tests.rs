use super::*;
use crate::report::fixture;
use crate::report::words::{Lang, Speech};

fn rendered(case: &(Tally, Run), lang: Lang, width: usize) -> String {
    let words = Words::new(Speech { lang, ..Speech::default() });
    let screen = Screen { width, colour: Colour::None };
    render(&case.0, &case.1, &words, screen, Asked::default())
}

#[test]
fn the_tokyo_case_is_told_so_that_its_owner_understands() {
    let case = fixture::tokyo();
    let en = rendered(&case, Lang::En, 100).replace('\n', " ");
    assert!(en.contains("On Friday 13 March 2015 at 23:10 somebody began to call"), "{en}");
    assert!(en.contains("which had never called there, at an hour when nobody works."), "{en}");
    assert!(en.contains("The 3rd call was refused, and so were the 14,617 after it."), "{en}");
    assert!(en.contains("The 2 calls that went out before cost ¥350."), "{en}");
    let ja = rendered(&case, Lang::Ja, 100).replace('\n', "");
    assert!(ja.contains("2015年3月13日（金） 23時10分"), "{ja}");
    assert!(ja.contains("3件目の通話を止め、その後の14,617件も止めました。"), "{ja}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for case in [fixture::tokyo(), fixture::many(30), (Tally::default(), Run::default())] {
        for lang in [Lang::En, Lang::Ja] {
            for width in [32, 40, 80, 120] {
                let text = rendered(&case, lang, width);
                let widest = text.lines().map(|line| line.width()).max().unwrap_or(0);
                assert!(widest <= width, "{widest} columns of {width}:\n{text}");
            }
        }
    }
}

#[test]
fn hostile_names_bring_no_escape_sequence_to_the_terminal() {
    let text = rendered(&fixture::many(3), Lang::En, 80);
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn called_numbers_are_masked() {
    let text = rendered(&fixture::tokyo(), Lang::En, 120);
    assert!(text.contains("+63917123****"), "{text}");
    assert!(!text.contains("639171234567"));
}

#[test]
fn reports_are_left_to_be_looked_at() {
    for (name, case) in [("tokyo", fixture::tokyo()), ("many", fixture::many(500))] {
        for lang in [Lang::En, Lang::Ja] {
            for width in [46, 80, 120] {
                let words = Words::new(Speech { lang, ..Speech::default() });
                let screen = Screen { width, colour: Colour::Ansi };
                let text = render(&case.0, &case.1, &words, screen, Asked::default());
                assert!(text.contains("\u{1b}[1m"));
                fixture::leave(&format!("{name}-{}-{width}.txt", lang.tag()), &text);
            }
        }
    }
}
