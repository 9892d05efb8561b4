# English. The same keys and gaps stand in ja.ftl; a test compares them.

-brand = Sekimori

title = { -brand }: what would have happened

run-line = { $count } { $n ->
    [one] call
   *[other] calls
    }, { $abroad } abroad, { $accounts } { $n_accounts ->
    [one] account
   *[other] accounts
    }, { $from } to { $to }
run-empty = No outbound call was found in what was read.
run-speed = Judged in { $elapsed }, { $rate } calls a second.

money-without = Without { -brand }
money-with = With { -brand }
money-saved = Saved
money-share = ({ $percent } of the bill)

head-what-happened = What happened
head-incidents = Incidents
head-in-the-way = Honest-looking calls that were stopped
head-problems = Problems in the input
head-next = What to do next
head-accounts = Accounts, by what they called abroad
head-countries = Countries
head-settings = Settings of this run

story-none = No attack was found. Every call went out as it did.
story-none-cut = No attack was found. No call was stopped, but some were ended before their time: see below.
story-none-stopped = No attack was found, but { $n ->
    [one] one call was
   *[other] { $count } calls were
    } stopped: see below whether { $n ->
    [one] it was
   *[other] they were
    } honest.
story-start = { $novel ->
    [yes] { $hours ->
        [off] On { $day } at { $clock } somebody began to call { $country } from “{ $account }”, which had never called there, at an hour when nobody works.
       *[open] On { $day } at { $clock } somebody began to call { $country } from “{ $account }”, which had never called there.
    }
   *[no] { $hours ->
        [off] On { $day } at { $clock }, at an hour when nobody works, somebody began to call { $country } from “{ $account }” in a way that account never does.
       *[open] On { $day } at { $clock } somebody began to call { $country } from “{ $account }” in a way that account never does.
    }
}
story-stop = { $before ->
    [0] The very first call { $how ->
        [challenge] was held until the caller proves who they are
       *[refuse] was refused
    }
   *[other] The { $ordinal } call { $how ->
        [challenge] was held until the caller proves who they are
       *[refuse] was refused
    }
}{ $after ->
    [0] .
    [1] , and so was the one after it.
   *[other] , and so were the { $after_count } after it.
}
story-cost = { $before ->
    [0] Nothing had been paid by then.
    [one] The one call that went out before cost { $cost }.
   *[other] The { $before_count } calls that went out before cost { $cost }.
}
story-why = Why it was stopped:
story-others = There { $n ->
    [one] was one other incident
   *[other] were { $count } other incidents
    }; the table has them all.
abroad-somewhere = a number abroad

col-opened = Began
col-account = Account
col-where = Where to
col-stopped = Stopped
col-time = After
col-before = Paid
col-saved = Saved
col-when = When
col-number = Number
col-country = Country
col-verdict = Verdict
col-cost = Cost
col-why = Why
col-calls = Calls
col-minutes = Minutes
col-incidents = Incidents
col-length = Length
col-scope = Restricted
col-id = Incident

incidents-more = { $count } { $n ->
    [one] more incident is
   *[other] more incidents are
    } not listed here; --summary has them all.
incidents-none = None.
at-once = at once

scope-international = all calls abroad
scope-country = calls to { $country }
scope-range = numbers that begin { $range }
scope-line = line { $name }
scope-source = calls from { $name }
scope-call = one call

verdict-allow = went out
verdict-challenge = held for proof
verdict-refuse = refused

way-none = None. No call outside an incident was stopped.
way-some = { $n ->
    [one] One call was stopped that belongs to no incident. Look whether it was
   *[other] { $count } calls were stopped that belong to no incident. Look whether they were
    } honest:
way-cost = What they cost, { $cost }, is part of the amount saved above.
way-more = { $n ->
    [one] One more is
   *[other] { $count } more are
    } not listed; --verdicts has every call.
way-familiar = { $n ->
    [one] One call stopped inside an incident looked
   *[other] { $count } calls stopped inside incidents looked
    } like the account’s own; { $n ->
    [one] it
   *[other] they
    } may have been honest.
way-cut = { $n ->
    [one] One call that was running was
   *[other] { $count } calls that were running were
    } ended before { $n ->
    [one] its
   *[other] their
    } time, because more was not to be put at risk. Callers can call again.

problem-unreadable = { $n ->
    [one] One row
   *[other] { $count } rows
    } could not be read and { $n ->
    [one] was
   *[other] were
    } left out.
problem-repeated = { $n ->
    [one] One row
   *[other] { $count } rows
    } repeated a call that had come before.
problem-skipped = { $n ->
    [one] One row was no outbound call.
   *[other] { $count } rows were no outbound calls.
    }
problem-at = { $file }, line { $line }: { $reason }
problem-file = { $file }: { $reason }
problem-more = And { $count } more.
problem-none = None.

next-ask = Ask the people of “{ $account }” whether they made these calls. If not, somebody has their password or their telephone system: change the passwords of their lines, and close forwarding and dial-through to numbers abroad.
next-way = If the stopped calls above were honest: one confirmation would have let them through, and the settings can be made gentler.
next-problems = Look at the problems above: calls that cannot be read are not judged.
next-html = --html report.html writes this report as a page with charts.
next-verdicts = --verdicts out.jsonl writes the verdict on every call, with its reasons.

chart-stop = stopped here
chart-summary = From { $from } to { $to }: { $without } without, { $with } with { -brand }.

page-lead = What { -brand } would have done with these calls, had it been there.
page-money = Money, added up over time
page-money-note = The upper line is the bill as it came, the lower one the bill with { -brand }.
page-heat = Calls abroad by weekday and hour
page-heat-note = Darker is more calls. Orange: most were stopped. A dot: some were stopped.
page-countries-note = By cost. The whole bar is what it cost, the dark part what it would have cost.
page-timeline = The first calls of incident { $id }
page-before = Before the stop: went out
page-after = From the stop on
page-table = The figures as a table
page-contains = What this page contains
page-masked = Called numbers are shown without their last four digits. Names of accounts, lines and countries, times and amounts are shown as they are in the records: treat this page as confidential.
page-whole = Called numbers are shown whole, because that was asked for. Called numbers are secret by law in many countries: do not pass this page on.
page-alone = The page needs no network and loads nothing.
page-rest = { $count } more { $n ->
    [one] call
   *[other] calls
    } of this kind
cell-hour = { $weekday } { $hour }: { $calls } calls, { $stopped } stopped
released = The last attempt was on { $last }; the incident was closed on { $moment }.
unreleased = The last attempt was on { $last }; the incident was still open where the records end.
same-reasons = the same
page-bits = The figure after a reason is its weight in bits: +1 makes a stranger twice as likely, −1 half as likely.
nothing-abroad = No call went abroad.

detector-new_country = New country
detector-new_range = New range of numbers
detector-off_profile_hour = Unusual hour
detector-price_outlier = Unusually dear
detector-invalid_number = Number that does not exist
detector-listed_destination = Known bad number
detector-test_call = Test call
detector-prefix_probing = Trying prefixes
detector-repeat_dialling = Same number again and again
detector-sequential_dialling = Numbers one after another
detector-wide_dialling = Many different numbers
detector-metronome = As regular as a machine
detector-burst = Sudden burst of calls
detector-concurrent_surge = Many calls at once
detector-long_running_call = Call that runs on and on
detector-failed_attempt_run = Many failed attempts
detector-new_source = Unknown device or address
detector-password_guessing = Password guessing
detector-registration_change = Phone moved just before
detector-forwarding_abroad = Forwarding abroad
detector-disa_abroad = Dial-through abroad
detector-maintenance_door = Maintenance door dials out
detector-dormant_line = Sleeping line wakes

# Why something could not be read. Those that the decoders say (`Why::key`) are worded as there.
reason-empty-file = the file is empty
reason-utf-16 = the file is UTF-16: save it as UTF-8 and try again
reason-missing-columns = the header has no column { $missing }; it has: { $found }
reason-bad-layout = the layout cannot be used: { $what }
reason-too-long = the row is longer than { $bytes_max } bytes
reason-nul-bytes = bytes of value 0 stand where text should
reason-unclosed-quote = a quotation mark is opened and never closed
reason-too-few-fields = { $found } fields where { $expected } belong: the line is cut
reason-too-many-fields = { $found } fields where { $expected } belong
reason-empty-cell = { $column } is empty
reason-bad-time = { $column } is not a time: "{ $text }"
reason-bad-number = { $column } is not a number: "{ $text }"
reason-times-disagree = start, answer and end are not in that order
reason-unknown-word = { $column } has a word that it cannot have: "{ $text }"
reason-not-text = { $column } is in no known encoding
reason-no-beginning = the call { $call_id } ends here, but its beginning is not in the input
reason-too-many-waiting = more than { $n_max } calls wait for their other half
reason-repeated = the call_id "{ $call_id }" was used by a call more than an hour before; left out
reason-no-fit = no file fits this pattern
reason-no-file = there is no such file
reason-not-permitted = this user may not read it; `ls -l { $name }` shows who may
reason-folder = it is a folder; name the files in it, for example { $name }/*.csv
reason-late = { $rows } rows from here on start long before rows above them: too late to be put in order, and left out; `--order any` sorts the whole input first
reason-unknown-format = its first rows are of no format that is known; `--format NAME` says what it is, one of: { $names }
reason-no-text = it does not look like text; `--format NAME` says what it is, one of: { $names }
reason-cut-short = the { $packing } file is cut short; what stands before the cut was read
reason-damaged = the { $packing } file is damaged here ({ $error }); what stands before was read

# Commands that talk to a running server.
as-said = { $text }
label-asked = Asked for
label-because = Because
label-by = By
label-call = Call
label-cost-allow = Cost of letting it out
label-cost-challenge = Cost of asking for proof
label-cost-refuse = Cost of refusing it
label-how = How
label-in-force = In force since
label-journal = Journal
label-last-record = Last record
label-opened = Opened
label-probability = An intruder’s call
label-public-key = Public key
label-retention = Retention
label-running = Running calls
label-since = Since
label-sound-records = Sound records
label-stake = At risk if wrongly let out
label-still-stopped = Still stopped
label-switches = Switches
label-until = Until
label-was-refused = Was refused
head-not-covered = Not covered by this
head-weighed = What was weighed
head-why = Why
head-would-change = What would have changed it
col-answer = The customer says
col-granted = Granted
col-line = Line
col-ref = Reference
everyone = everyone
no-limit = no limit
number-none = no number
probability = { $percent }% likely ({ $bits } bits)
finding-weighed = { $detector }: { $text } ({ $bits })
why-nothing = Nothing spoke against it.
until-opened = a person opens it
until-for-good = it is stopped again by a person
stop-done = Stopped for “{ $account }”: { $scope }.
stop-next = To open again: { $command }
stop-switches-all = all have confirmed
stop-switches-pending = not confirmed yet: { $names }
calls-none-running = none
calls-ended = { $n ->
    [one] 1 call has ended
   *[other] { $count } calls have ended
    }
calls-ending = { $n ->
    [one] 1 call is being hung up
   *[other] { $count } calls are being hung up
    }
open-done = Open again for “{ $account }”: all calls abroad.
open-done-countries = Open again for “{ $account }”: calls to { $countries }.
open-nothing-stopped = nothing
lift-done = Lifted: { $order }.
calls-none = No call abroad is running.
calls-running = { $n ->
    [one] 1 call abroad is running.
   *[other] { $count } calls abroad are running.
    }
state-hanging-up = being hung up
incidents-none-known = No incident is on record.
incidents-listed = { $n ->
    [one] 1 incident.
   *[other] { $count } incidents.
    }
incidents-open = { $n ->
    [0] None is open.
    [one] One is open.
   *[other] { $count } are open.
    }
incident-why = Why { $id } was stopped:
answer-ours = our own calls
answer-not-ours = not ours
answer-open = not asked or silent
answer-closed = silent, closed
explain-allow = A call of “{ $account }” was let out.
explain-challenge = A call of “{ $account }” was held until the caller proves who they are.
explain-refuse = A call of “{ $account }” was refused.
origin-judged = judged
origin-repeated = the same question had been answered a moment before
origin-fail-mode = by the account’s fail mode: the engine did not answer in time
origin-other = otherwise
journal-sound = { $n ->
    [0] The journal is sound. It has no records yet.
    [one] The journal is sound: its one record is what was written.
   *[other] The journal is sound: all { $count } records are what was written.
    }
journal-wrong = The journal is not sound: record { $seq } { $what }.
journal-changed = is not what was written
journal-removed = is missing
journal-reordered = stands where another was
journal-cut-off = is the last, and there were more
journal-added = was never written by the server
journal-bad-signature = is not signed with the journal’s key
journal-removed-up-to = records up to { $seq } were removed by retention, and signed for
journal-note = Note the key and the last record somewhere else, and give them the next time (--public-key, --record): then nobody can replace the whole journal unseen.
detector-stop = Stopped on request
detector-restriction = Restriction
detector-envelope = Envelope
detector-limit = Limit
detector-fail_mode = Fail mode

import-title = { -brand }: what past calls have taught
import-new = { $n ->
    [one] One account is known now that was not before.
   *[other] { $count } accounts are known now that were not before.
}
import-again = { $n ->
    [one] One account was known: its habits are now those of the records.
   *[other] { $count } accounts were known: their habits are now those of the records.
}
import-left-alone = { $n ->
    [one] One account has calls of its own on record and is left as it was; --again replaces its habits.
   *[other] { $count } accounts have calls of their own on record and are left as they were; --again replaces their habits.
}
import-no-room = { $n ->
    [one] One account found no room: no more can be followed.
   *[other] { $count } accounts found no room: no more can be followed.
}
import-ahead = { $n ->
    [one] One row is of a time that is still to come, and was left out.
   *[other] { $count } rows are of a time that is still to come, and were left out.
}
import-countries = { $n ->
    [one] One country is called by habit (accounts): { $countries }.
   *[other] { $count } countries are called by habit (accounts, most first): { $countries }.
}
import-nothing-strange = Nothing in the records looked like an attack.
import-strange = { $n ->
    [one] One stretch of calls looked like an attack, and has taught nothing:
   *[other] { $count } stretches of calls looked like attacks, and have taught nothing:
}
import-more-strange = { $n ->
    [one] … and one more.
   *[other] … and { $count } more.
}
import-incident = { $at }, “{ $account }”: { $country }, { $count } { $n ->
    [one] call
   *[other] calls
    }, { $cost }
import-somewhere = several countries
import-open = { $n ->
    [one] One of them is so recent that its restriction is in force from the start; `sekimori incidents` shows it.
   *[other] { $count } of them are so recent that their restrictions are in force from the start; `sekimori incidents` shows them.
}
import-next = It is in the journal. `sekimori serve` begins with it.
col-order = Restriction
label-refused = Refused
orders-none = No restriction is in force.
orders-listed = { $n ->
    [one] 1 restriction is in force.
   *[other] { $count } restrictions are in force.
    }
until-lifted = a person lifts it


export-done = { $n ->
    [one] One record written.
   *[other] { $count } records written.
}
export-odd = { $n ->
    [one] One of them was written by a later version of this program: without its fields.
   *[other] { $count } of them were written by a later version of this program: without their fields.
}
export-not-recorded = Numbers are whole in these { $count } records, and the journal could not be told so, because a server writes it or it cannot be written: the export's own header says it.

again-same = { $n ->
    [one] One verdict is what the journal has: ruling, grant and reasons.
   *[other] { $count } verdicts are what the journal has: ruling, grant and reasons.
}
again-other = { $n ->
    [one] One verdict is another than the journal has: settings, rates or lists have changed.
   *[other] { $count } verdicts are others than the journal has: settings, rates or lists have changed.
}
again-removed = Retention has removed the beginning of this journal: accounts begin without what they had learned by then, so that first verdicts may be others.
