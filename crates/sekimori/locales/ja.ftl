# 日本語。en.ftl と同じキーと変数を持つ（テストで照合している）。

-brand = 関守（せきもり）

title = { -brand }：もしも入っていたら

run-line = 発信{ $count }件（うち国際{ $abroad }件）、{ $accounts }契約、{ $from }～{ $to }
run-empty = 読み取った記録の中に、発信の通話はありませんでした。
run-speed = 判定にかかった時間は{ $elapsed }（毎秒{ $rate }件）です。

money-without = 関守なし
money-with = 関守あり
money-saved = 防げた金額
money-share = （請求額の{ $percent }）

head-what-happened = 何が起きたか
head-incidents = 不正利用の疑い
head-in-the-way = 止めてしまった、正当かもしれない通話
head-problems = 記録の読み取りで気づいた点
head-next = 次にしていただきたいこと
head-accounts = 契約別の国際通話（料金順）
head-countries = 国・地域
head-settings = このときの設定

story-none = 不正利用は見つかりませんでした。通話はすべて、そのままつながります。
story-none-cut = 不正利用は見つかりませんでした。止めた通話もありませんが、途中で切った通話があります。下をご覧ください。
story-none-stopped = 不正利用は見つかりませんでしたが、{ $count }件の通話を止めました。正当な通話だったかどうか、下の表でご確認ください。
story-start = { $novel ->
    [yes] { $hours ->
        [off] { $day } { $clock }、誰も仕事をしていない時間に、何者かが「{ $account }」から、これまで一度もかけたことのない{ $country }へ電話をかけ始めました。
       *[open] { $day } { $clock }、何者かが「{ $account }」から、これまで一度もかけたことのない{ $country }へ電話をかけ始めました。
    }
   *[no] { $hours ->
        [off] { $day } { $clock }、誰も仕事をしていない時間に、何者かが「{ $account }」から、ふだんとは違うかけ方で{ $country }へ電話をかけ始めました。
       *[open] { $day } { $clock }、何者かが「{ $account }」から、ふだんとは違うかけ方で{ $country }へ電話をかけ始めました。
    }
}
story-stop = { $before ->
    [0] 最初の通話を{ $how ->
        [challenge] 本人確認のために保留し
       *[refuse] 止め
    }
   *[other] { $ordinal }の通話を{ $how ->
        [challenge] 本人確認のために保留し
       *[refuse] 止め
    }
}{ $after ->
    [0] ました。
   *[other] 、その後の{ $after_count }件も止めました。
}
story-cost = { $before ->
    [0] それまでに払った料金はありません。
   *[other] それまでにつながった{ $before_count }件の料金は{ $cost }です。
}
story-why = 止めた理由：
story-others = 不正利用の疑いは、ほかに{ $count }件あります。下の表をご覧ください。
abroad-somewhere = 海外の番号

col-opened = 始まり
col-account = 契約
col-where = かけた先
col-stopped = 止めた数
col-time = 停止まで
col-before = 被害額
col-saved = 防いだ額
col-when = 日時
col-number = 番号
col-country = 国・地域
col-verdict = 判定
col-cost = 料金
col-why = 理由
col-calls = 通話
col-minutes = 分数
col-incidents = 疑い
col-length = 長さ
col-scope = 止めた範囲
col-id = 管理番号

incidents-more = ほかに{ $count }件あります。全件は --summary で出力できます。
incidents-none = ありません。
at-once = ただちに

scope-international = すべての国際通話
scope-country = { $country }への通話
scope-range = { $range }で始まる番号
scope-line = 回線 { $name }
scope-source = { $name } からの通話
scope-call = 通話1件

verdict-allow = つないだ
verdict-challenge = 本人確認
verdict-refuse = 止めた

way-none = ありません。疑いのない通話は、1件も止めていません。
way-some = 不正利用の疑いとは別に、{ $count }件の通話を止めました。正当な通話だったかどうか、ご確認ください。
way-cost = これらの料金{ $cost }は、上の「防げた金額」に含まれています。
way-more = ほかに{ $count }件あります。全件は --verdicts で出力できます。
way-familiar = 疑いの期間中に止めた通話のうち{ $count }件は、ふだんの通話に似ています。正当な通話だったかもしれません。
way-cut = つながっていた通話のうち{ $count }件は、それ以上の金額を危険にさらさないため、途中で切りました。かけ直せば話せます。

problem-unreadable = { $count }行を読み取れず、対象から外しました。
problem-repeated = { $count }行は、すでに出てきた通話の繰り返しでした。
problem-skipped = { $count }行は、発信の通話ではありませんでした。
problem-at = { $file } の { $line } 行目：{ $reason }
problem-file = { $file }：{ $reason }
problem-more = ほかに{ $count }件あります。
problem-none = ありません。

next-ask = 「{ $account }」の方に、これらの通話に心当たりがあるか確かめてください。心当たりがなければ、パスワードか電話装置が何者かに使われています。内線のパスワードを変え、海外への転送と外線からの発信を止めてください。
next-way = 止めた通話が正当なものだった場合も、実際の運用では一度の確認でつながります。設定をゆるめることもできます。
next-problems = 読み取れなかった行をご確認ください。読み取れない通話は判定できません。
next-html = --html report.html を付けると、この報告をグラフ入りのページとして出力します。
next-verdicts = --verdicts out.jsonl を付けると、全通話の判定と理由を出力します。

chart-stop = ここで停止
chart-summary = { $from }から{ $to }まで：関守なし{ $without }、関守あり{ $with }。

page-lead = これらの通話のときに関守が入っていたら、どうなっていたかをまとめました。
page-money = 料金の累計
page-money-note = 上の線が実際の請求額、下の線が関守を入れていた場合の請求額です。
page-heat = 国際通話の曜日と時間帯
page-heat-note = 色が濃いほど通話が多い時間帯です。橙色は大半を止めた時間帯、丸印は一部を止めた時間帯です。
page-countries-note = 料金の多い順です。棒の全体が実際の料金、濃い部分が関守を入れていた場合の料金です。
page-timeline = { $id } の最初の通話
page-before = 止める前につながった通話
page-after = 止めた通話
page-table = 数字を表で見る
page-contains = このページに含まれる情報
page-masked = かけた番号は下4桁を伏せています。契約・回線・国の名前、日時、金額は記録のとおりですので、取り扱いにご注意ください。
page-whole = ご指定により、かけた番号をすべて表示しています。通話先の番号は通信の秘密にあたります。このページを第三者に渡さないでください。
page-alone = このページは通信を必要とせず、外部から何も読み込みません。
page-rest = 同じような通話が、ほかに{ $count }件あります
cell-hour = { $weekday }曜 { $hour }：{ $calls }件、うち停止{ $stopped }件
released = 最後の発信は{ $last }、対応の終了は{ $moment }です。
unreleased = 最後の発信は{ $last }です。記録の終わりでは、まだ対応中でした。
same-reasons = 同上
page-bits = 理由の後の数字は証拠の重み（ビット）です。+1ごとに他人である見込みが2倍、−1ごとに半分になります。
nothing-abroad = 国際通話はありませんでした。

detector-new_country = 初めての国
detector-new_range = 初めての番号帯
detector-off_profile_hour = いつもと違う時間
detector-price_outlier = いつもより高い通話先
detector-invalid_number = 存在しない番号
detector-listed_destination = 悪用が知られている番号
detector-test_call = 試しの通話
detector-prefix_probing = かけ方を探る発信
detector-repeat_dialling = 同じ番号への繰り返し
detector-sequential_dialling = 連番への発信
detector-wide_dialling = 多数の番号への発信
detector-metronome = 機械のように規則的な発信
detector-burst = 通話の急増
detector-concurrent_surge = 同時通話の急増
detector-long_running_call = 終わらない通話
detector-failed_attempt_run = つながらない発信の連続
detector-new_source = 見慣れない機器や接続元
detector-password_guessing = パスワードの総当たり
detector-registration_change = 直前の登録変更
detector-forwarding_abroad = 海外への転送
detector-disa_abroad = 外線からの海外発信
detector-maintenance_door = 保守用回線からの発信
detector-dormant_line = 眠っていた回線の発信

# 読み取れなかった理由。
reason-empty-file = ファイルが空です
reason-utf-16 = UTF-16のファイルです。UTF-8で保存し直してください
reason-missing-columns = 見出し行に列 { $missing } がありません。ある列：{ $found }
reason-bad-layout = この列の並びは使えません：{ $what }
reason-too-long = 行が { $bytes_max } バイトを超えています
reason-nul-bytes = 文字のあるべき所に値0のバイトが並んでいます
reason-unclosed-quote = 引用符が開いたまま閉じられていません
reason-too-few-fields = { $expected }項目あるべき所に{ $found }項目しかありません。行が途中で切れています
reason-too-many-fields = { $expected }項目あるべき所に{ $found }項目あります
reason-empty-cell = { $column } が空です
reason-bad-time = { $column } を日時として読めません：「{ $text }」
reason-bad-number = { $column } を数として読めません：「{ $text }」
reason-times-disagree = 開始・応答・終了の時刻がこの順になっていません
reason-unknown-word = { $column } に使えない語があります：「{ $text }」
reason-not-text = { $column } の文字コードを判別できません
reason-no-beginning = 通話 { $call_id } の終わりですが、始まりの記録がありません
reason-too-many-waiting = 対になる記録を待つ通話が { $n_max } 件を超えています
reason-repeated = call_id「{ $call_id }」は1時間より前の通話ですでに使われているため、対象から外しました
reason-no-fit = この指定に当てはまるファイルがありません
reason-no-file = そのようなファイルはありません
reason-not-permitted = このユーザーには読み取りの権限がありません。`ls -l { $name }` で確かめられます
reason-folder = フォルダーです。{ $name }/*.csv のように中のファイルを指定してください
reason-late = ここから{ $rows }行は、開始時刻が上の行よりずっと前で並べ直せないため、対象から外しました。`--order any` を付けると全体を先に並べ替えます
reason-unknown-format = 最初の行がどの形式にも当てはまりません。`--format 名前` で指定してください（{ $names }）
reason-no-text = 文字のファイルではないようです。`--format 名前` で形式を指定できます（{ $names }）
reason-cut-short = { $packing } のファイルが途中で切れています。切れた所までは読み取りました
reason-damaged = { $packing } のファイルがここで壊れています（{ $error }）。その前までは読み取りました

# 動いているサーバーに話しかけるコマンド。
as-said = { $text }
label-asked = 依頼の時刻
label-because = 理由
label-by = 依頼した人
label-call = 通話
label-cost-allow = 通す場合の費用
label-cost-challenge = 本人確認を求める場合の費用
label-cost-refuse = 断る場合の費用
label-how = 判定のしかた
label-in-force = 有効になった時刻
label-journal = ジャーナル
label-last-record = 最後の記録
label-opened = 再開の時刻
label-probability = 第三者の発信である確率
label-public-key = 公開鍵
label-retention = 保存の範囲
label-running = 通話中のもの
label-since = 開始
label-sound-records = 正しい記録の数
label-stake = 誤って通した場合の損害
label-still-stopped = 引き続き停止
label-switches = 交換機
label-until = 期限
label-was-refused = 断っていた通話
head-not-covered = この停止の対象外
head-weighed = 比べた費用
head-why = 理由
head-would-change = 結果を変えたはずのこと
col-answer = お客様の回答
col-granted = 許した長さ
col-line = 内線
col-ref = 照会番号
everyone = すべての契約
no-limit = 制限なし
number-none = 番号なし
probability = { $percent }%（{ $bits }ビット）
finding-weighed = { $detector }：{ $text }（{ $bits }）
why-nothing = 問題になる点はありませんでした。
until-opened = 担当者が再開するまで
until-for-good = 次に停止するまで
stop-done = 「{ $account }」の発信を止めました：{ $scope }
stop-next = 再開するには：{ $command }
stop-switches-all = すべて確認済み
stop-switches-pending = 未確認：{ $names }
calls-none-running = なし
calls-ended = { $count }件を切断しました
calls-ending = { $count }件を切断中です
open-done = 「{ $account }」の発信を再開しました：すべての国際通話
open-done-countries = 「{ $account }」の発信を再開しました：{ $countries }への通話
open-nothing-stopped = なし
lift-done = 制限{ $order }を解除しました。
calls-none = 通話中の国際通話はありません。
calls-running = 通話中の国際通話は{ $count }件です。
state-hanging-up = 切断中
incidents-none-known = 不正利用の疑いの記録はありません。
incidents-listed = 不正利用の疑いは{ $count }件です。
incidents-open = { $n ->
    [0] 対応中のものはありません。
   *[other] うち{ $count }件が対応中です。
    }
incident-why = { $id }を止めた理由：
answer-ours = 自社の通話
answer-not-ours = 身に覚えがない
answer-open = 回答待ち
answer-closed = 回答なしで終了
explain-allow = 「{ $account }」の発信を通しました。
explain-challenge = 「{ $account }」の発信は、本人確認ができるまで保留しました。
explain-refuse = 「{ $account }」の発信を断りました。
origin-judged = 証拠と費用から判定
origin-repeated = 直前の同じ問い合わせと同じ回答
origin-fail-mode = 判定が間に合わず、契約ごとの非常時の設定で回答
origin-other = その他
journal-sound = { $n ->
    [0] ジャーナルは正常です。まだ記録はありません。
   *[other] ジャーナルは正常です。{ $count }件の記録はすべて書かれたときのままです。
    }
journal-wrong = ジャーナルが正常ではありません：記録{ $seq }{ $what }。
journal-changed = が書かれたときの内容と違います
journal-removed = がありません
journal-reordered = の位置が入れ替わっています
journal-cut-off = で終わっていますが、続きがあったはずです
journal-added = はサーバーが書いたものではありません
journal-bad-signature = の署名がこのジャーナルの鍵のものではありません
journal-removed-up-to = 記録{ $seq }まで、保存期間を過ぎて署名のうえ削除
journal-note = 公開鍵と最後の記録を別の場所に控えておき、次回に指定してください（--public-key、--record）。ジャーナル全体が差し替えられても分かります。
detector-stop = 依頼による停止
detector-restriction = 制限
detector-envelope = 許容額
detector-limit = 上限
detector-fail_mode = 非常時の設定

import-title = { -brand }：過去の通話から学んだこと
import-new = { $n ->
   *[other] 新たに{ $count }件の契約の習慣を覚えました。
}
import-again = { $n ->
   *[other] { $count }件の契約は既知のため、習慣を記録の内容に置き換えました。
}
import-left-alone = { $n ->
   *[other] { $count }件の契約にはすでに通話の記録があるため、そのままにしました。--again で習慣を置き換えられます。
}
import-no-room = { $n ->
   *[other] { $count }件の契約は上限を超えるため登録できませんでした。
}
import-ahead = { $n ->
   *[other] { $count }行は日時がまだ来ていないため、対象から外しました。
}
import-countries = { $n ->
   *[other] 日ごろ発信している国は{ $count }か国です（契約数の多い順）：{ $countries }
}
import-nothing-strange = 記録に不正利用らしい通話は見つかりませんでした。
import-strange = { $n ->
   *[other] 不正利用らしい通話のまとまりが{ $count }件ありました（学習からは除いています）：
}
import-more-strange = { $n ->
   *[other] … ほか{ $count }件
}
import-incident = { $at }「{ $account }」：{ $country }、{ $n ->
   *[other] { $count }
    }件、{ $cost }
import-somewhere = 複数の国
import-open = { $n ->
   *[other] うち{ $count }件は最近のため、開始時から規制が掛かります。`sekimori incidents` で確認できます。
}
import-next = 内容はジャーナルに保存しました。`sekimori serve` はこれを引き継いで始まります。
col-order = 制限番号
label-refused = 断る通話
orders-none = 有効な制限はありません。
orders-listed = 有効な制限は{ $count }件です。
until-lifted = 担当者が解除するまで


export-done = { $n ->
   *[other] { $count }件の記録を書き出しました。
}
export-odd = { $n ->
   *[other] うち{ $count }件はより新しい版が書いたもので、内容は含まれません。
}
export-not-recorded = この{ $count }件の記録では番号が伏せられていませんが、サーバーが使用中かジャーナルに書き込めないため、その旨をジャーナルに残せませんでした。書き出したファイルの先頭には記してあります。

again-same = { $n ->
   *[other] { $count }件の判定は、結果・許可時間・理由ともジャーナルの記録と同じです。
}
again-other = { $n ->
   *[other] { $count }件の判定はジャーナルの記録と異なります。設定・料金・リストが変わっています。
}
again-removed = このジャーナルは保存期間を過ぎた先頭の記録が削除されています。それまでに学んだことが無い状態から始まるため、初めのうちの判定は異なることがあります。
