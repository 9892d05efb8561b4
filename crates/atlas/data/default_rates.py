"""Writes default-rates.csv; README.md says how the prices were set.

Usage: python default_rates.py > default-rates.csv, with the PyPI packages `phonenumbers`
(libphonenumber's metadata: which prefixes are mobile, premium rate or personal) and `Babel`
(the countries' English names).
"""

import csv
import random
import re
import sys

from babel import Locale
from phonenumbers import PhoneMetadata
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as REGIONS

# Yen a minute to a country's fixed lines, and to its mobiles where that is different.
PRICES = """
    US:9 CA:10 PR:15 VI:20 GU:15 MP:20 AS:45 MX:30:45 BM:40 BS:40 BB:70:80 JM:65:85 DO:40:55
    TT:60:70 AG:80:95 AI:80:95 DM:80:95 GD:80:95 KN:75:90 KY:65:80 LC:80:95 MS:90:105 SX:60:75
    TC:75:90 VC:80:95 VG:70:85 HT:85:100 CU:112:120

    GB:20:40 GG:25:80 JE:25:80 IM:25:80 FR:20:40 DE:20:40 IT:20:45 ES:30:45 NL:20:45 BE:20:45
    LU:35:50 CH:40:65 LI:45:80 AT:30:45 SE:20:40 NO:20:40 SJ:20:40 DK:30:40 FI:30:45 AX:30:45
    IS:70:85 FO:70:85 GL:85:95 IE:20:45 PT:35:55 GR:35:55 MT:70:95 CY:45:50 AD:45:75 MC:35:75
    SM:60:85 VA:20 GI:80:100 PL:40:60 CZ:45:60 SK:45:65 HU:35:55 RO:60:70 BG:65:90 SI:60:90
    HR:60:90 BA:80:115 RS:70:110 ME:75:115 MK:80:115 AL:90:130 XK:85:125 EE:80:120 LV:80:125
    LT:70:115 BY:80:95 UA:50:70 MD:80:100 RU:44:50 KZ:70:80 GE:90:110 AM:90:105 AZ:95:115
    UZ:90:95 KG:95:100 TJ:95:100 TM:100:105 TR:45:70

    CN:30 HK:30 MO:55 TW:30:45 KR:30:40 KP:135 MN:60:65 SG:30 MY:30:35 TH:45 ID:45:55 PH:35:45
    VN:85 KH:90 LA:105 MM:90:105 BN:70 TL:150:175 IN:80 PK:70:75 BD:70 LK:75:85 NP:105 BT:75
    MV:105:125 AF:120:140 IR:80:95 IQ:120:135 SY:110:120 LB:100:120 JO:100:110 IL:30:45 PS:80:95
    SA:80:95 YE:120:130 OM:80:100 AE:50:60 QA:110:115 BH:80:90 KW:80:90

    AU:20:35 CX:20 CC:20 NZ:25:60 FJ:80:95 PG:120:150 SB:170:190 VU:155:175 NC:100:120 PF:90:110
    TO:115:130 WS:120:140 KI:170:190 TV:170:190 NR:175:190 TK:190 NU:180 CK:135:150 WF:165
    FM:90:100 MH:95:105 PW:95:105 NF:150

    AR:50:70 BR:30:55 CL:35:60 PE:55:75 CO:45:55 VE:50:65 EC:60:85 BO:70:80 PY:60:75 UY:60:80
    GY:110:125 SR:100:115 GF:50:75 FK:190:200 GT:50:60 SV:60:70 HN:75:80 NI:65:85 CR:35:45
    PA:55:70 BZ:80:95 PM:60:80 GP:50:75 BL:50:75 MF:50:75 MQ:50:75 AW:75:90 CW:70:85 BQ:70:85

    EG:75 ZA:75:90 NG:80:90 KE:75:95 GH:70:85 MA:70:110 EH:70:110 DZ:95:120 TN:70:125 LY:90:105
    GM:125:150 SN:110:130 MR:115:135 ML:115:130 GN:160:180 CI:120:135 BF:115:130 NE:105:115
    TG:125:140 BJ:100:115 MU:70:75 LR:130:150 SL:175:175 TD:250:250 CF:170:185 CM:115:130
    CV:90:110 ST:210:220 GQ:120:130 GA:105:120 CG:115:130 CD:130:145 AO:90:110 GW:190:205 IO:240
    AC:250 SC:120:135 SD:100:110 SS:130:140 RW:90:105 ET:110:120 SO:125:145 DJ:110:120 TZ:85:105
    UG:85:100 BI:110:130 MZ:100:125 ZM:95:110 MG:150:175 RE:75:95 YT:80:100 ZW:85:130 NA:80:95
    MW:95:105 LS:80:95 BW:80:95 SZ:75:90 KM:160:180 SH:250 TA:250 ER:120:130
"""

# North American area codes outside the United States.
CANADA = """
    204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450
    460 468 474 506 514 519 537 548 568 579 581 584 587 604 613 639 647 672 683 705 709 742 753
    778 780 782 807 819 825 851 867 873 879 902 905 942
"""
ISLANDS = {
    "BS": [242],
    "BB": [246],
    "AI": [264],
    "AG": [268],
    "VG": [284],
    "VI": [340],
    "KY": [345],
    "BM": [441],
    "GD": [473],
    "TC": [649],
    "JM": [658,876],
    "MS": [664],
    "MP": [670],
    "GU": [671],
    "AS": [684],
    "SX": [721],
    "LC": [758],
    "DM": [767],
    "VC": [784],
    "PR": [787,939],
    "DO": [809,829,849],
    "TT": [868],
    "KN": [869],
}
NANP_FREEPHONE = ["800", "833", "844", "855", "866", "877", "888"]

# Parts of a code that belong to another country: prefix to country, fixed and mobile.
PARTS_FIXED = {
    "76": "KZ", "77": "KZ", "3906698": "VA", "379": "VA", "441481": "GG", "441534": "JE",
    "441624": "IM", "4779": "SJ", "6189162": "CC", "6189164": "CX", "2125288": "EH",
    "2125289": "EH", "262269": "YT", "35818": "AX", "2908": "TA", "5993": "BQ", "5994": "BQ",
    "5997": "BQ", "59059027": "BL", "59059029": "MF", "59059051": "MF", "59059052": "MF",
    "59059077": "MF", "59059087": "MF",
}
PARTS_MOBILE = {
    "KZ": "770 771 774 775 776 777 778 7700 7701 7702 7705 7706 7707 7708 7747",
    "GG": "447781 447839 447911", "JE": "447509 447700 447797 447829 447937",
    "IM": "447524 447624 447924", "YT": "262639",
}

# Codes that no country owns, and the home country: prefix, name, yen a minute, increment.
OTHERS = [
    ("6721", "Australian external territories (Antarctica)", 170, 60),
    ("1900", "North America premium rate", 200, 60),
    ("800", "International freephone", 0, 60),
    ("808", "International shared cost", 30, 60),
    ("870", "Inmarsat", 500, 6),
    ("8707", "Inmarsat terminals", 300, 6),
    ("87078", "Inmarsat high-speed data", 700, 6),
    ("878", "Universal personal number", 200, 60),
    ("881", "Satellite mobile", 300, 6),
    ("8816", "Iridium", 300, 6),
    ("8817", "Iridium", 300, 6),
    ("8818", "Globalstar", 250, 6),
    ("8819", "Globalstar", 250, 6),
    ("882", "International networks", 300, 60),
    ("88213", "Thuraya and other satellite", 300, 6),
    ("88216", "Thuraya", 300, 6),
    ("88232", "Maritime mobile", 400, 60),
    ("88234", "Maritime mobile", 400, 60),
    ("88298", "Aircraft mobile", 700, 60),
    ("883", "International networks", 300, 60),
    ("888", "Humanitarian networks", 200, 60),
    ("979", "International premium rate", 350, 60),
    ("991", "International test and trial numbers", 300, 60),
    ("81", "Japan", 2.833333, 180),
    ("8150", "Japan IP telephony", 3.6, 180),
    ("8160", "Japan mobile", 16, 60),
    ("8170", "Japan mobile", 16, 60),
    ("8180", "Japan mobile", 16, 60),
    ("8190", "Japan mobile", 16, 60),
    ("8120", "Japan M2M", 16, 60),
    ("81120", "Japan toll-free", 0, 60),
    ("81800", "Japan toll-free", 0, 60),
    ("81570", "Japan navi-dial", 11, 60),
    ("81990", "Japan premium rate", 180, 60),
]

KINDS = (
    "fixed_line", "mobile", "premium_rate", "toll_free", "shared_cost", "personal_number",
    "voip", "pager", "uan",
)
# Numbers that are tried under a prefix, for each length.
N_TRIED = 400

random.seed(7)
english = Locale("en").territories
rows = {}


def name(region):
    return {"MM": "Myanmar", "PS": "Palestine", "HK": "Hong Kong", "MO": "Macao"}.get(
        region, english[region]
    )


def add(prefix, what, price, increment=60):
    rows[str(prefix)] = (what, price, increment)


def price(region):
    fixed, *mobile = prices[region]
    return fixed, (mobile or [fixed])[0]


def kinds_under(region, prefix):
    """The kinds that some number with this national prefix has."""
    meta = PhoneMetadata.metadata_for_region(region)
    found = set()
    for length in meta.general_desc.possible_length:
        for _ in range(N_TRIED if length > len(prefix) else 0):
            rest = "".join(random.choice("0123456789") for _ in range(length - len(prefix)))
            for kind in KINDS:
                shape = getattr(meta, kind)
                pattern = shape and shape.national_number_pattern
                if pattern and re.fullmatch(pattern, prefix + rest):
                    found.add(kind)
    return found


def prefixes(region, kind, n_digits_max=3, start=""):
    """The shortest national prefixes under which there is nothing but this kind."""
    for digit in "0123456789":
        prefix = start + digit
        found = kinds_under(region, prefix)
        if found == {kind}:
            yield prefix
        elif kind in found and len(prefix) < n_digits_max:
            yield from prefixes(region, kind, n_digits_max, prefix)


def country(code, region):
    fixed, mobile = price(region)
    add(code, name(region), fixed)
    if mobile != fixed:
        for prefix in prefixes(region, "mobile"):
            add(f"{code}{prefix}", name(region) + " mobile", mobile)
    for prefix in prefixes(region, "premium_rate"):
        add(f"{code}{prefix}", name(region) + " premium rate", max(200, round(fixed * 0.3) * 10))
    for prefix in prefixes(region, "personal_number", 2):
        add(f"{code}{prefix}", name(region) + " personal number", max(150, round(fixed * 0.2) * 10))


def north_america():
    add("1", name("US"), price("US")[0])
    for code in CANADA.split():
        add("1" + code, name("CA"), price("CA")[0])
    for code in NANP_FREEPHONE:
        add("1" + code, "North America toll-free, charged from abroad", price("US")[0])
    for region, codes in ISLANDS.items():
        fixed, mobile = price(region)
        for code in map(str, codes):
            add("1" + code, name(region), fixed)
            if mobile != fixed:
                for prefix in prefixes(region, "mobile", 5, code):
                    add("1" + prefix, name(region) + " mobile", mobile)


def redundant(prefix):
    """Whether the next enclosing row says the same."""
    for n in range(len(prefix) - 1, 0, -1):
        if prefix[:n] in rows:
            return rows[prefix[:n]] == rows[prefix]
    return False


prices = {}
for entry in PRICES.split():
    region, *amounts = entry.split(":")
    prices[region] = [int(amount) for amount in amounts]
for code, regions in sorted(REGIONS.items()):
    if code not in (1, 81) and regions[0] != "001":
        country(code, regions[0])
north_america()
for prefix, region in PARTS_FIXED.items():
    add(prefix, name(region), price(region)[0])
for region, listed in PARTS_MOBILE.items():
    for prefix in listed.split():
        add(prefix, name(region) + " mobile", price(region)[1])
for row in OTHERS:
    add(*row)

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["prefix", "name", "price_per_minute", "increment_seconds", "setup_price"])
for prefix in sorted(rows):
    if not redundant(prefix):
        what, amount, increment = rows[prefix]
        out.writerow([prefix, what, amount, increment, 0])
