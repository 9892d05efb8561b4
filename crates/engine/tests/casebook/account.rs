//! The account that a case tells of, put on a stage from the case's list items.

use crate::words::{self, Told};
use sekimori_atlas::calendar::DayKind;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::detectors::rehearsal::Stage;
use sekimori_engine::event::Token;
use sekimori_engine::lessons::{Lesson, Subject};
use sekimori_engine::profile::{day_of, forwarding_of};
use sekimori_engine::sign_ins::network_of;
use std::net::IpAddr;

/// An account and what the page says of the world around it.
pub struct Account {
    /// On the stage.
    pub stage: Stage,
    /// The deck's usual price of the country called, in millionths.
    pub price_usual: i64,
}

/// Days from the aged history to the page's Monday.
const AGED: u16 = 10;

impl Account {
    /// Known for 90 days in an office's hours, unless the case says otherwise.
    pub fn read(given: &[(String, String, usize)]) -> Told<Account> {
        let mut account = Account { stage: Stage::default(), price_usual: 0 };
        account.stage.first_day = today() - 90;
        let mut hours_are_told = false;
        for (key, value, line) in given {
            hours_are_told |= key == "in use";
            account.take(key, value).map_err(|why| format!("line {line}: {key}: {why}"))?;
        }
        if !hours_are_told {
            account.use_phones("9 to 18 on working days")?;
        }
        Ok(account)
    }

    fn take(&mut self, key: &str, value: &str) -> Told<()> {
        let aged = today() - AGED;
        let profile = &mut self.stage.profile;
        match key {
            "known" => {
                self.stage.first_day = today() - words::count::<u16>(value, "days")?;
            }
            "in use" => self.use_phones(value)?,
            "calls" => self.call_abroad(value)?,
            "usual price" => self.price_usual = words::price(value)?,
            "from" => {
                for address in value.split(", ") {
                    let address: IpAddr = address.parse().map_err(|_| "no address")?;
                    self.stage.sources.learn(network_of(address), aged);
                }
            }
            "client" => self.stage.clients.learn(Token::of(value.as_bytes()).0, aged),
            "lines abroad" => {
                for line in value.split(", ") {
                    profile.lines.learn(Token::of(line.as_bytes()).0, aged - 20);
                    profile.lines.learn(Token::of(line.as_bytes()).0, aged);
                }
            }
            "forwards abroad" => {
                profile.forwarding.learn(forwarding_of(words::forwarded_by(value)?), aged);
            }
            "at once" => profile.concurrent_max = words::count(value, "calls")?,
            "longest" => profile.minutes_max = words::count(value, "min")?,
            "unfamiliar numbers an hour" => {
                profile.unfamiliar_per_hour_max = value.parse().map_err(|_| "no count")?;
            }
            "victims" => self.teach(value)?,
            _ => return Err("nobody knows this key".to_owned()),
        }
        Ok(())
    }

    /// `9 to 18 on working days` or `day and night`, over the 60 days before the page's Monday.
    fn use_phones(&mut self, value: &str) -> Told<()> {
        let nights = match value {
            "9 to 18 on working days" => false,
            "day and night" => true,
            _ => return Err("`9 to 18 on working days` or `day and night`".to_owned()),
        };
        for hour in (0..60 * 24).rev() {
            let at = words::MONDAY - Span::hours(hour + 1);
            let moment = words::moment(at);
            let is_open = moment.day == DayKind::Workday && (9..18).contains(&moment.hour);
            if nights || is_open {
                self.stage.hours.learn(at, moment);
            }
        }
        Ok(())
    }

    /// `+1 212 555 0123 × 40 at 20`.
    fn call_abroad(&mut self, value: &str) -> Told<()> {
        let (number, rest) = value.split_once(" × ").ok_or("`NUMBER × N at PRICE`")?;
        let (n, price) = rest.split_once(" at ").ok_or("`NUMBER × N at PRICE`")?;
        let number = words::number(number)?;
        let rate =
            Rate { price_per_minute: words::price(price)?, increment_seconds: 60, setup_price: 0 };
        let n = n.parse().map_err(|_| "no count")?;
        self.stage.called(number, words::country(number)?, n, &rate, today());
        Ok(())
    }

    /// `2 of +2322228` (a range), `1 of +23222280001` (a number), `1 of 203.0.113.9`.
    fn teach(&mut self, value: &str) -> Told<()> {
        let (n, subject) = value.split_once(" of ").ok_or("`N of SUBJECT`")?;
        let digits = subject.strip_prefix('+').unwrap_or_default();
        let subject = if let Ok(address) = subject.parse() {
            Subject::source(address)
        } else if digits.len() <= 7 {
            Subject::Range(Prefix::parse(digits.as_bytes()).ok_or("no range")?)
        } else {
            Subject::Number(E164::parse(digits.as_bytes()).ok_or("no number")?)
        };
        for victim in 0..n.parse::<u64>().map_err(|_| "no count")? {
            let at = words::MONDAY - Span::hours(48);
            self.stage.lessons.learn(Lesson { at, victim: Token(100 + victim), subject });
        }
        Ok(())
    }
}

fn today() -> u16 {
    let monday: Timestamp = words::MONDAY;
    day_of(monday)
}
