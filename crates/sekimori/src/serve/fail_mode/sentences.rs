//! What a verdict by the fail mode says of itself. The guard did not answer in time in each case;
//! the sentence says what that means for the call.

use sekimori_engine::finding::Sentence;

pub(super) static AT_HOME: Sentence = Sentence {
    en: "The engine did not answer in time; calls at home go out all the same.",
    ja: "判定が時間内に終わりませんでした。国内の通話はそのまま発信できます。",
};

pub(super) static OWN_COUNTRY: Sentence = Sentence {
    en: "The engine did not answer in time; the account calls {0} by habit, so the call may last \
         {1}.",
    ja: "判定が時間内に終わりませんでした。この契約は{0}への通話実績があるため、{1}まで発信を\
         認めます。",
};

pub(super) static OPEN: Sentence = Sentence {
    en: "The engine did not answer in time; the account's fail mode is open, so the call may last \
         {0}.",
    ja: "判定が時間内に終わりませんでした。この契約の障害時動作は「許可」のため、{0}まで発信を\
         認めます。",
};

pub(super) static STRANGE_COUNTRY: Sentence = Sentence {
    en: "The engine did not answer in time; the account does not call {0} by habit, so the call \
         is refused.",
    ja: "判定が時間内に終わりませんでした。この契約は{0}への通話実績がないため、発信を拒否します。",
};

pub(super) static NO_COUNTRY: Sentence = Sentence {
    en: "The engine did not answer in time; the number belongs to no country, so the call is \
         refused.",
    ja: "判定が時間内に終わりませんでした。番号の国が分からないため、発信を拒否します。",
};

pub(super) static CLOSED: Sentence = Sentence {
    en: "The engine did not answer in time; the account's fail mode is closed, so calls abroad \
         are refused.",
    ja: "判定が時間内に終わりませんでした。この契約の障害時動作は「拒否」のため、国際通話を\
         拒否します。",
};

pub(super) static STOPPED: Sentence = Sentence {
    en: "The engine did not answer in time; a stop or restriction of the account is in force and \
         holds.",
    ja: "判定が時間内に終わりませんでした。この契約の停止または制限が有効なため、発信を拒否します。",
};

pub(super) static BARRED: Sentence = Sentence {
    en: "The engine did not answer in time; calls there are stopped for everyone, or for the \
         account's service.",
    ja: "判定が時間内に終わりませんでした。この宛先への通話は全体またはこのサービスで停止中の\
         ため、発信を拒否します。",
};
