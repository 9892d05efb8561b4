"""Writes numbers-oracle.csv: what the PyPI package `phonenumbers` says of many numbers.

Usage: python numbers-oracle.py ROWS_PER_PREFIX N_RANDOM < numbering-sample.csv > numbers-oracle.csv
with the release that ../../data/numbering.tsv names. The fixture was made with `1 4000`.
"""

import csv
import random
import sys

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType, ValidationResult
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as REGIONS

TYPES = {v: k.lower() for k, v in vars(PhoneNumberType).items() if k.isupper() and isinstance(v, int)}
REASONS = {v: k.lower() for k, v in vars(ValidationResult).items() if k.isupper() and isinstance(v, int)}
rng = random.Random(20261124)


def digits(n):
    return "".join(rng.choice("0123456789") for _ in range(n))


def judged(code, national):
    zeros = len(national) - len(national.lstrip("0"))
    zeros = min(zeros, len(national) - 1)
    number = PhoneNumber(country_code=code, national_number=int(national))
    if zeros:
        number.italian_leading_zero = True
        number.number_of_leading_zeros = zeros
    region = phonenumbers.region_code_for_number(number)
    valid = phonenumbers.is_valid_number(number)
    reason = "valid" if valid else REASONS[phonenumbers.is_possible_number_with_reason(number)]
    kind = TYPES[phonenumbers.number_type(number)] if valid else ""
    return [f"{code}{national}", region or "", reason, kind]


def rows(per_prefix, n_random):
    for sample in csv.DictReader(sys.stdin):
        for _ in range(per_prefix):
            tail = max(0, int(sample["length"]) - len(sample["prefix"]))
            yield int(sample["cc"]), sample["prefix"] + digits(tail)
    for code, regions in REGIONS.items():
        for region in regions:
            meta = (
                PhoneMetadata.metadata_for_nongeo_region(code)
                if region == "001"
                else PhoneMetadata.metadata_for_region(region)
            )
            for name in ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost",
                         "voip", "personal_number", "pager", "uan", "voicemail"):
                desc = getattr(meta, name)
                if desc is not None and desc.example_number:
                    yield code, desc.example_number
    codes = sorted(REGIONS)
    for _ in range(n_random):
        code = rng.choice(codes)
        yield code, digits(rng.randint(2, 15 - len(str(code))))


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["e164", "region", "reason", "type"])
for code, national in rows(int(sys.argv[1]), int(sys.argv[2])):
    if len(national) <= 15 - len(str(code)):
        out.writerow(judged(code, national))
