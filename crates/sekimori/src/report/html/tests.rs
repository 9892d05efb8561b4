use super::*;
use crate::report::fixture;
use crate::report::words::{Lang, Speech};

fn rendered(case: &(Tally, Run), lang: Lang) -> String {
    let words = Words::new(Speech { lang, ..Speech::default() });
    render(&case.0, &case.1, &words).expect("memory takes all")
}

#[test]
fn pages_of_none_one_and_many_incidents_are_whole() {
    let empty = (Tally::default(), Run::default());
    for (name, case) in [("none", empty), ("tokyo", fixture::tokyo()), ("many", fixture::many(500))]
    {
        for lang in [Lang::En, Lang::Ja] {
            let page = rendered(&case, lang);
            assert!(page.trim_end().ends_with("</html>"));
            assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())));
            fixture::leave(&format!("{name}-{}.html", lang.tag()), &page);
        }
    }
}

#[test]
fn a_hostile_name_stays_text() {
    let page = rendered(&fixture::many(3), Lang::En);
    assert!(!page.contains("<script"));
    assert!(!page.contains('\u{1b}'));
    assert!(page.contains("&#60;script&#62;alert(0)"));
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = rendered(&fixture::tokyo(), Lang::Ja);
    for outside in ["http://", "https://", "src=", "href=", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn called_numbers_are_masked_unless_they_may_be_seen() {
    let case = fixture::tokyo();
    assert!(!rendered(&case, Lang::En).contains("23222280001"));
    let speech = Speech { numbers: Visibility::Whole, ..Speech::default() };
    let page = render(&case.0, &case.1, &Words::new(speech)).expect("memory takes all");
    assert!(page.contains("+23222280001"));
    assert!(page.contains("do not pass this page on"));
}
