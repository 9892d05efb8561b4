"""Writes numbering.tsv from the PyPI package `phonenumbers` (libphonenumber's metadata).

Usage: python numbering.py > numbering.tsv, with the package's release equal to the
metadata release that the locked `rlibphonenumber` names in its README.
"""

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as REGIONS

# The order in which libphonenumber asks for a number's type.
KINDS = {
    "premium_rate": "premium",
    "toll_free": "toll_free",
    "shared_cost": "shared_cost",
    "voip": "voip",
    "personal_number": "personal",
    "pager": "pager",
    "uan": "uan",
    "voicemail": "voicemail",
    "fixed_line": "fixed",
    "mobile": "mobile",
}


def shape(desc):
    """`7,8 pattern`, or None where the description has no numbers."""
    if desc is None or not desc.national_number_pattern:
        return None
    lengths = ",".join(str(n) for n in desc.possible_length if n > 0)
    return f"{lengths} {desc.national_number_pattern}"


def row(*fields):
    print("\t".join(str(field) for field in fields))


print("# Number shapes by calling code, from libphonenumber's metadata (Apache-2.0, The")
print(f"# libphonenumber Authors), release {phonenumbers.__version__}; written by numbering.py.")
for code in sorted(REGIONS):
    for region in REGIONS[code]:
        if region == "001":
            meta = PhoneMetadata.metadata_for_nongeo_region(code)
        else:
            meta = PhoneMetadata.metadata_for_region(region)
        row("region", region, code)
        if meta.international_prefix:
            row("abroad", meta.international_prefix)
        if meta.national_prefix:
            row("trunk", meta.national_prefix)
        if meta.leading_digits:
            row("leading", meta.leading_digits)
        row("general", shape(meta.general_desc))
        for name, word in KINDS.items():
            numbers = shape(getattr(meta, name))
            if numbers:
                row(word, numbers)
